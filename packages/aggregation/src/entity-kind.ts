/** What events add up to besides numbers. A `run` is a session that no sender named: a user's events without a gap. */
export const entityKinds = ["user", "session", "run", "room", "title"] as const;
export type EntityKind = (typeof entityKinds)[number];
