import type { ReportedEvent, StoredEvent } from "./event.ts";

/** Where an event stood in the request that brought it, kept where another event of the request has the same timestamp. */
export type EventPosition = {
  /** Tells requests apart: 32 bits of the key of the request's first event. */
  readonly batch: number;
  /** Among all that the sender wrote, from 0. */
  readonly index: number;
};

type Ordered = Pick<StoredEvent, "sequence" | "position">;
type OrderedInLane = Ordered & Pick<StoredEvent, "sessionId" | "source">;

/** The number that orders events of one instant: the sender's `sequence`, else the place in its request; 0 where there is neither. */
export function orderNumberOf({ sequence, position }: Ordered): number {
  return sequence ?? position?.index ?? 0;
}

/**
 * Numbers of two events tell which of them came first only where they were given by one counter: the request, or for a `sequence` the
 * session and the source.
 * @returns a name of the counter; `null` where nothing but the timestamp is known
 */
export function laneOf({ sequence, position, sessionId, source }: OrderedInLane): string | null {
  if (sequence !== undefined) return `${source.system}/${source.component ?? ""}/${sessionId ?? ""}`;
  return position === undefined ? null : String(position.batch);
}

type Placed = Pick<ReportedEvent, "timestampMs" | "userId" | "roomId" | "sessionId" | "sequence" | "properties">;

/**
 * @param events of one request that are valid, with `indexes[i]` the place of `events[i]` in what the sender wrote
 * @param batch tells the request from others
 * @returns the position of each event; `undefined` where it would say nothing
 */
export function positionsOf(events: readonly Placed[], indexes: readonly number[], batch: number): readonly (EventPosition | undefined)[] {
  const seen = new Map<number, number>();
  for (const event of events) if (isOrdered(event)) seen.set(event.timestampMs, (seen.get(event.timestampMs) ?? 0) + 1);
  return events.map((event, i) =>
    isOrdered(event) && (seen.get(event.timestampMs) as number) > 1 ? { batch, index: indexes[i] as number } : undefined,
  );
}

/** Events of nobody, in no room and about no title, as telemetry is, come before or after nothing. */
function isOrdered({ userId, roomId, sessionId, sequence, properties }: Placed): boolean {
  return sequence === undefined && (userId !== null || roomId !== null || sessionId !== null || properties["contentId"] !== undefined);
}
