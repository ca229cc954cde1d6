/**
 * What events add up to besides numbers. A `run` is a session that no sender named: a user's events without a gap. A `seat` is what a
 * person was in a room, a `ballot` what the room made of one title. An `observation` is what the states of one resource come to at one
 * instant, a `stream` a window of a running total.
 */
export const entityKinds = ["user", "session", "run", "room", "seat", "title", "ballot", "observation", "stream"] as const;
export type EntityKind = (typeof entityKinds)[number];

/** Kinds that contribute to measures themselves; a seat counts through its room. */
export type CountedKind = Exclude<EntityKind, "seat">;
