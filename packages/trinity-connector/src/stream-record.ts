import { parseTimestamp } from "@trinity/events/timestamp";
import { type Row, readImage } from "./attribute-value.ts";

/** One change of one row. */
export type StreamRecord = {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  /** When DynamoDB recorded the change, Unix milliseconds; null if the record does not say. */
  readonly atMs: number | null;
  /** The current row, or the removed one; keys included. */
  readonly row: Row;
  /** The row before the change; null if the stream does not contain it, or there was none. */
  readonly before: Row | null;
  /** DynamoDB removed the row by its time to live. */
  readonly byTimeToLive: boolean;
};

const eventNames: ReadonlySet<unknown> = new Set(["INSERT", "MODIFY", "REMOVE"]);
/** Numbers below are seconds: as milliseconds they would be in the first days of 1970. */
const secondsMax = 100_000_000_000;

/** Reads the formats of the SDK and of Lambda. @returns null for anything that is no record of a DynamoDB stream */
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

/** The SDK's names begin with a capital. */
function isTimeToLive(identity: unknown): boolean {
  if (typeof identity !== "object" || identity === null) return false;
  const { principalId, PrincipalId } = identity as Record<string, unknown>;
  return (principalId ?? PrincipalId) === "dynamodb.amazonaws.com";
}
