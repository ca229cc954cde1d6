import { mapRecord } from "@trinity/trinity-connector/map-record";
import { roomFactsOf } from "@trinity/trinity-connector/room-facts";
import type { WireEvent } from "@trinity/trinity-connector/wire-event";
import { expect, test } from "vitest";
import { createDeliveryCounter } from "./delivery-counter.ts";
import type { Acknowledged } from "./ingest-client.ts";
import { createRecordDelivery, type RecordDeliverySettings, UndeliveredError } from "./record-delivery.ts";
import type { SetAsideRecord } from "./set-aside.ts";

const running = new AbortController().signal;
const table = "trinity-votes-dev";
const vote = (movieId: string, sequence: number) => ({
  eventName: "INSERT",
  dynamodb: {
    SequenceNumber: `${sequence}`,
    NewImage: {
      roomId: { S: "room-of-ana" },
      userId: { S: "ana" },
      movieId: { S: movieId },
      voteType: { S: "LIKE" },
      votedAt: { S: "2026-01-31T20:18:02.551Z" },
    },
  },
});

function setUp(
  settings: Partial<RecordDeliverySettings> = {},
  rejectionsOf: (events: readonly WireEvent[]) => Acknowledged["rejected"] = () => [],
) {
  const sent: WireEvent[][] = [];
  const aside: SetAsideRecord[] = [];
  const counter = createDeliveryCounter();
  const delivery = createRecordDelivery({
    ingest: {
      async send(events) {
        sent.push([...events]);
        const rejected = rejectionsOf(events);
        return { accepted: events.length - rejected.length, duplicates: 0, rejected };
      },
      state: () => "taking",
    },
    rooms: { factsOf: async () => roomFactsOf({ mediaType: { S: "MOVIE" } }, []) },
    setAside: { put: async (records) => void aside.push(...records) },
    counts: counter,
    keepTestRows: false,
    clock: { nowMs: () => 0 },
    ...settings,
  });
  return { delivery, sent, aside, counter };
}

test("records become events with the facts of their room; records without an event are counted by reason", async () => {
  const { delivery, sent, aside, counter } = setUp();
  await delivery.deliver(table, [vote("862", 1), vote("user-finished", 2), { ...vote("12", 3), eventName: "REMOVE" }], running);
  expect(sent.map((events) => events.map(({ properties }) => properties["contentId"]))).toEqual([["movie:862"]]);
  expect(counter.take()).toEqual({ records: 3, accepted: 1, skipped_sentinel_title: 1, skipped_untold_removal: 1 });
  expect(aside).toEqual([]);
});

test("a failing record and a rejected event are set aside without ids, and the others go on", async () => {
  const map: typeof mapRecord = (record, context) => {
    if (JSON.stringify(record).includes('"666"')) throw new Error("a bug about ana");
    return mapRecord(record, context);
  };
  const { delivery, sent, aside, counter } = setUp({ map }, () => [{ index: 1, code: "too_old" }]);
  await delivery.deliver(table, [vote("1", 1), vote("666", 2), vote("2", 3), "no record", vote("3", 4)], running);
  expect(sent[0]).toHaveLength(3);
  const place = { at: "1970-01-01T00:00:00.000Z", tableName: table, eventName: "INSERT", eventType: null };
  expect(aside).toEqual([
    { ...place, sequenceNumber: "2", reason: "mapper_failed" },
    { ...place, eventName: "unknown", sequenceNumber: null, reason: "unreadable_record" },
    { ...place, sequenceNumber: "3", eventType: "vote_content", reason: "too_old" },
  ]);
  expect(JSON.stringify(aside)).not.toMatch(/ana/);
  expect(counter.take()).toMatchObject({ records: 5, accepted: 2, rejected: 1, set_aside_mapper_failed: 1, set_aside_too_old: 1 });
});

test("a failed delivery names the first record that was not delivered", async () => {
  const down = { send: () => Promise.reject(new Error("stopping")), state: () => "busy" as const };
  const records = Array.from({ length: 700 }, (_, i) => (i < 650 ? { ...vote("1", i), eventName: "REMOVE" } : vote(`${i}`, i)));
  const failure = await setUp({ ingest: down })
    .delivery.deliver(table, records, running)
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UndeliveredError);
  expect((failure as UndeliveredError).index).toBe(600);
});

test("a lookup that fails fails the delivery instead of guessing", async () => {
  const rooms = { factsOf: () => Promise.reject(new Error("throttled")) };
  const { delivery, sent } = setUp({ rooms });
  await expect(delivery.deliver(table, [vote("1", 1)], running)).rejects.toThrow(UndeliveredError);
  expect(sent).toEqual([]);
});

test("records that are delivered again after a failure are counted once", async () => {
  let isDown = true;
  const ingest = {
    async send(events: readonly WireEvent[]) {
      if (isDown) throw new Error("stopping");
      return { accepted: events.length, duplicates: 0, rejected: [] };
    },
    state: () => "busy" as const,
  };
  const { delivery, counter } = setUp({ ingest });
  const records = [vote("user-finished", 1), vote("862", 2)];
  await expect(delivery.deliver(table, records, running)).rejects.toThrow(UndeliveredError);
  isDown = false;
  await delivery.deliver(table, records, running);
  expect(counter.take()).toEqual({ records: 2, accepted: 1, skipped_sentinel_title: 1 });
});
