/**
 * What events add up to besides numbers. A `run` is a session that no sender named: a user's events without a gap. A `ballot` is what a
 * room made of one title.
 */
export const entityKinds = ["user", "session", "run", "room", "title", "ballot"] as const;
export type EntityKind = (typeof entityKinds)[number];
