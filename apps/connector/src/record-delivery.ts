import type { Clock } from "@trinity/runtime/clock";
import { roomNeedingFacts } from "@trinity/trinity-connector/facts-needed";
import { type MappedRecord, mapRecord } from "@trinity/trinity-connector/map-record";
import type { SkipReason } from "@trinity/trinity-connector/skip-reason";
import type { WireEvent } from "@trinity/trinity-connector/wire-event";
import type { IngestClient } from "./ingest-client.ts";
import type { RoomFactsLookup } from "./room-facts-lookup.ts";
import type { SetAside, SetAsideRecord } from "./set-aside.ts";

/** The outcomes of records, for the metrics. */
export type DeliveryCounts = {
  countRecords(tableName: string, count: number): void;
  countSkipped(reason: SkipReason): void;
  countEvents(outcome: "accepted" | "duplicate" | "rejected", count: number): void;
  countSetAside(reason: string): void;
};

export type RecordDelivery = {
  /**
   * Resolves once every event of the records is acknowledged, and every record that cannot be mapped is set aside.
   * @throws {UndeliveredError} when it is stopped, or the facts of a room cannot be read now: deliver the same records again
   */
  deliver(tableName: string, records: readonly unknown[], signal: AbortSignal): Promise<void>;
};

/** Everything before `index` is delivered; from there on, records may or may not be delivered. */
export class UndeliveredError extends Error {
  override readonly name = "UndeliveredError";
  readonly index: number;
  constructor(index: number, cause: unknown) {
    super("records were not delivered", { cause });
    this.index = index;
  }
}

export type RecordDeliverySettings = {
  readonly ingest: IngestClient;
  readonly rooms: RoomFactsLookup;
  readonly setAside: SetAside;
  readonly counts: DeliveryCounts;
  readonly keepTestRows: boolean;
  readonly clock: Clock;
  /** Another one only in tests. */
  readonly map?: typeof mapRecord;
};

/** A record becomes three events at most, and ingest accepts a thousand at once. */
const recordsAtOnce = 300;

/** Reasons for which a record is set aside: it should have become an event, so an operator should inspect it. */
const remarkable: ReadonlySet<SkipReason> = new Set(["unreadable_record", "refused_by_catalogue", "unknown_media_type"]);

type AsideRecord = { readonly record: unknown; readonly eventType: string | null; readonly reason: string };
type EventOfRecord = { readonly record: unknown; readonly event: WireEvent };

export function createRecordDelivery(settings: RecordDeliverySettings): RecordDelivery {
  const { ingest, rooms, setAside, counts, keepTestRows, clock, map = mapRecord } = settings;

  async function mapped(tableName: string, record: unknown, signal: AbortSignal): Promise<MappedRecord | "mapper_failed"> {
    const roomId = roomNeedingFacts(record, tableName);
    const facts = roomId === null ? null : await rooms.factsOf(roomId, signal);
    try {
      return map(record, { tableName, facts, keepTestRows });
    } catch {
      return "mapper_failed";
    }
  }

  async function putAside(tableName: string, about: readonly AsideRecord[]): Promise<void> {
    for (const { reason } of about) counts.countSetAside(reason);
    const at = new Date(clock.nowMs()).toISOString();
    await setAside.put(about.map(({ record, eventType, reason }) => ({ at, tableName, ...placeOf(record), eventType, reason })));
  }

  async function deliverSome(tableName: string, records: readonly unknown[], signal: AbortSignal): Promise<void> {
    const eventsOfRecords: EventOfRecord[] = [];
    const aside: AsideRecord[] = [];
    const skipped: SkipReason[] = [];
    for (const record of records) {
      const mapping = await mapped(tableName, record, signal);
      if (mapping === "mapper_failed") {
        aside.push({ record, eventType: null, reason: mapping });
        continue;
      }
      if (mapping.skipped !== null) skipped.push(mapping.skipped);
      if (mapping.skipped !== null && remarkable.has(mapping.skipped)) aside.push({ record, eventType: null, reason: mapping.skipped });
      eventsOfRecords.push(...mapping.events.map((event) => ({ record, event })));
    }
    if (eventsOfRecords.length > 0) aside.push(...(await send(eventsOfRecords, signal)));
    await putAside(tableName, aside);
    // Count only now, so that records that are delivered again count once.
    for (const reason of skipped) counts.countSkipped(reason);
    counts.countRecords(tableName, records.length);
  }

  async function send(eventsOfRecords: readonly EventOfRecord[], signal: AbortSignal): Promise<readonly AsideRecord[]> {
    const events = eventsOfRecords.map(({ event }) => event);
    const { accepted, duplicates, rejected } = await ingest.send(events, signal);
    counts.countEvents("accepted", accepted);
    counts.countEvents("duplicate", duplicates);
    counts.countEvents("rejected", rejected.length);
    return rejected.flatMap(({ index, code }) => {
      const { record, event } = eventsOfRecords[index] ?? {};
      return event === undefined ? [] : [{ record, eventType: event.eventType, reason: code }];
    });
  }

  return {
    async deliver(tableName, records, signal) {
      for (let from = 0; from < records.length; from += recordsAtOnce) {
        await deliverSome(tableName, records.slice(from, from + recordsAtOnce), signal).catch((error: unknown) => {
          throw new UndeliveredError(from, error);
        });
      }
    },
  };
}

/** Finds a record again. Contains no keys and images, because they name people. */
function placeOf(record: unknown): Pick<SetAsideRecord, "eventName" | "sequenceNumber"> {
  const { eventName, dynamodb } = (record ?? {}) as { eventName?: unknown; dynamodb?: { SequenceNumber?: unknown } | null };
  const sequenceNumber = dynamodb?.SequenceNumber;
  return {
    eventName: eventName === "INSERT" || eventName === "MODIFY" || eventName === "REMOVE" ? eventName : "unknown",
    sequenceNumber: typeof sequenceNumber === "string" && /^\d{1,40}$/.test(sequenceNumber) ? sequenceNumber : null,
  };
}
