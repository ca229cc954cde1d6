import { parseTimestamp } from "@trinity/events/timestamp";
import { type Row, readImage } from "./attribute-value.ts";

/** One change of one row. */
export type StreamRecord = {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  /** When DynamoDB took the change, Unix milliseconds; null where the record does not say. */
  readonly atMs: number | null;
  /** The row as it is now, or as it was when it went; keys included. */
  readonly row: Row;
  /** The row before; null where the stream does not carry it, or there was none. */
  readonly before: Row | null;
  /** DynamoDB removed the row because its time was over. */
  readonly byTimeToLive: boolean;
};

const eventNames: ReadonlySet<unknown> = new Set(["INSERT", "MODIFY", "REMOVE"]);
/** Numbers below are seconds: as milliseconds they would lie in the first days of 1970. */
const secondsMax = 100_000_000_000;

/** @returns null for anything that is no record of a DynamoDB stream; takes the form of the SDK and that of Lambda */
export function readStreamRecord(candidate: unknown): StreamRecord | null {
  if (typeof candidate !== "object" || candidate === null) return null;
  const { eventName, dynamodb, userIdentity } = candidate as Record<string, unknown>;
  if (!eventNames.has(eventName) || typeof dynamodb !== "object" || dynamodb === null) return null;
  const { ApproximateCreationDateTime, Keys, NewImage, OldImage } = dynamodb as Record<string, unknown>;
  const keys = readImage(Keys) ?? new Map();
  const before = readImage(OldImage);
  const now = eventName === "REMOVE" ? before : readImage(NewImage);
  return {
    eventName: eventName as StreamRecord["eventName"],
    atMs: instantOf(ApproximateCreationDateTime),
    row: new Map([...keys, ...(now ?? [])]),
    before: before === null ? null : new Map([...keys, ...before]),
    byTimeToLive: isTimeToLive(userIdentity),
  };
}

function instantOf(time: unknown): number | null {
  if (time instanceof Date) return parseTimestamp(time.getTime());
  if (typeof time !== "number") return parseTimestamp(time);
  return parseTimestamp(Math.trunc(time < secondsMax ? time * 1_000 : time));
}

/** The SDK writes the names with a capital. */
function isTimeToLive(identity: unknown): boolean {
  if (typeof identity !== "object" || identity === null) return false;
  const { principalId, PrincipalId } = identity as Record<string, unknown>;
  return (principalId ?? PrincipalId) === "dynamodb.amazonaws.com";
}
