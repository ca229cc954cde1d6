import type { ReportedEvent, StoredEvent } from "./event.ts";

/** The position of an event in its request, stored if another event of the request has the same timestamp. */
export type EventPosition = {
  /** Distinguishes requests: 32 bits of the key of the request's first event. */
  readonly batch: number;
  /** Among all events that the sender wrote, from 0. */
  readonly index: number;
};

type Ordered = Pick<StoredEvent, "sequence" | "position">;
type OrderedInLane = Ordered & Pick<StoredEvent, "sessionId" | "source">;

/** The number that orders events of one instant: the sender's `sequence`, else the position in the request; 0 without either. */
export function orderNumberOf({ sequence, position }: Ordered): number {
  return sequence ?? position?.index ?? 0;
}

/**
 * Numbers of two events give their order only if one counter assigned both: the request, or for a `sequence` the
 * session and the source.
 * @returns a name of the counter; `null` if only the timestamp is known
 */
export function laneOf({ sequence, position, sessionId, source }: OrderedInLane): string | null {
  if (sequence !== undefined) return `${source.system}/${source.component ?? ""}/${sessionId ?? ""}`;
  return position === undefined ? null : String(position.batch);
}

type Placed = Pick<ReportedEvent, "timestampMs" | "userId" | "roomId" | "sessionId" | "sequence" | "properties">;

/**
 * @param events the valid events of one request; `indexes[i]` is the index of `events[i]` as the sender wrote them
 * @param batch identifies the request
 * @returns the position of each event; `undefined` if no order depends on it
 */
export function positionsOf(events: readonly Placed[], indexes: readonly number[], batch: number): readonly (EventPosition | undefined)[] {
  const seen = new Map<number, number>();
  for (const event of events) if (isOrdered(event)) seen.set(event.timestampMs, (seen.get(event.timestampMs) ?? 0) + 1);
  return events.map((event, i) =>
    isOrdered(event) && (seen.get(event.timestampMs) as number) > 1 ? { batch, index: indexes[i] as number } : undefined,
  );
}

/** Events without user, room and title, such as telemetry, need no order. */
function isOrdered({ userId, roomId, sessionId, sequence, properties }: Placed): boolean {
  return sequence === undefined && (userId !== null || roomId !== null || sessionId !== null || properties["contentId"] !== undefined);
}
