/** Why one event was rejected: a closed list, because rejections are counted by it. */
export const rejectionCodes = [
  "not_an_object",
  "missing_event_id",
  "invalid_event_id",
  "unknown_event_type",
  "invalid_timestamp",
  "too_old",
  "too_new",
  "invalid_field",
  "unknown_property",
  "invalid_property",
] as const;

export type RejectionCode = (typeof rejectionCodes)[number];

export type EventRejection = {
  readonly code: RejectionCode;
  /** The id to answer with; `null` if there was no valid one. */
  readonly eventId: string | null;
  /** The path of the problem, such as `properties.genres[2]`; empty for the event itself. */
  readonly path: string;
  /** The problem and the expected form. Never the value, which may be personal. */
  readonly message: string;
};

/** A rejection without the id of its event. */
export type EventProblem = Omit<EventRejection, "eventId">;

const plainName = /^[A-Za-z_$][\w$]*$/;
const nameCharactersMax = 64;

/**
 * @param keys names and indexes from the event down to the value; names are the sender's, so they are cut and made printable
 * @returns a path as JavaScript writes it: `properties.genres[2]`, `properties["a b"]`
 */
export function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    const name = printableName(String(key));
    if (!plainName.test(name)) return `${path}["${name}"]`;
    return path === "" ? name : `${path}.${name}`;
  }, "");
}

function printableName(name: string): string {
  const printable = name.slice(0, nameCharactersMax).replaceAll(/[^\x20-\x7e]|["\\]/g, "?");
  return name.length > nameCharactersMax ? `${printable}...` : printable;
}
