import { createPseudonymiser } from "@trinity/anonymization/pseudonym";
import { ask } from "@trinity/query/asking";
import type { EventStore } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Protocol } from "./event-pipeline.ts";
import { jsonProtocol, ndjsonProtocol } from "./json-protocol.ts";
import { otlpProtocol } from "./otlp-protocol.ts";
import { pipelineOn } from "./pipeline.testing.ts";

const nowMs = Date.UTC(2026, 5, 1);
const atMs = nowMs - 3_600_000;
const lifecycle = ["user_login", "join_room", "vote_content"];

type Sent = { readonly eventId: string; readonly eventType: string; readonly userId: string } & Readonly<Record<string, unknown>>;
type Send = (events: readonly Sent[]) => Promise<unknown>;

/** Ids as senders make them: of people and rooms with a number after them, shorter than that, or random. */
const idStyles = {
  numbered: (person: number, step: number) => ({ userId: `u${person}`, eventId: `u${person}-${step}` }),
  ofSession: (person: number, step: number) => ({ userId: `u${person}`, sessionId: `sess${person}`, eventId: `sess${person}-000${step}` }),
  shortUser: (person: number, step: number) => ({ userId: String(person), eventId: `row-${person}${step}` }),
  backwards: (person: number, step: number) => ({ userId: `u${person}`, eventId: `k${person}-${9 - step}` }),
  random: (person: number, step: number, uuids: readonly string[]) => ({
    userId: `u${person}`,
    eventId: uuids[(person * 3 + step) % uuids.length] as string,
  }),
};
const anyIds = fc.tuple(fc.constantFrom(...Object.values(idStyles)), fc.uniqueArray(fc.uuid(), { minLength: 40, maxLength: 40 })).map(
  ([style, uuids]) =>
    (person: number, step: number) =>
      style(person, step, uuids),
);
const anyKey = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anyProtocol = fc.constantFrom("json", "ndjson", "otlp");

function pipeline(key: Uint8Array, protocol: "json" | "ndjson" | "otlp"): { readonly store: EventStore; readonly send: Send } {
  const store = openMemoryStore();
  const take = pipelineOn(store, createPseudonymiser(key), nowMs);
  const by = <Answer>(text: string, how: Protocol<Answer>) => take(Buffer.from(text), how);
  const send: Send = (events) => {
    if (protocol === "otlp") return by(JSON.stringify(logsOf(events)), otlpProtocol("logs", "json"));
    if (protocol === "ndjson") return by(events.map((event) => JSON.stringify(event)).join("\n"), ndjsonProtocol);
    return by(JSON.stringify({ events }), jsonProtocol);
  };
  return { store, send };
}

function logsOf(events: readonly Sent[]) {
  const names: Readonly<Record<string, string>> = {
    eventId: "event.id",
    userId: "user.id",
    sessionId: "session.id",
    roomId: "trinity.room.id",
    sequence: "event.sequence",
  };
  const logRecords = events.map(({ eventType, timestamp, nanos = 0, properties, ...envelope }) => ({
    eventName: eventType,
    timeUnixNano: `${timestamp}${String(nanos).padStart(6, "0")}`,
    attributes: Object.entries({ ...envelope, ...(properties as object) }).map(([name, value]) => ({
      key: names[name] ?? name,
      value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
    })),
  }));
  return { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ scope: {}, logRecords }] }] };
}

const propertiesOf: Readonly<Record<string, object>> = {
  user_login: { method: "email" },
  vote_content: { contentId: "movie:862", vote: "like", mediaType: "movie" },
};

function stepsOf(people: number, idsOf: (person: number, step: number) => { eventId: string; userId: string }): readonly Sent[][] {
  return Array.from({ length: people }, (_, person) =>
    lifecycle.map((eventType, step) => ({
      ...idsOf(person, step),
      eventType,
      timestamp: atMs,
      properties: propertiesOf[eventType] ?? {},
    })),
  );
}

async function funnelOf(store: EventStore): Promise<readonly number[]> {
  await foldAll(store, () => nowMs);
  const query = { steps: lifecycle, windowMs: 1, order: "ordered", hold: null, fromMs: atMs, toMs: nowMs, filters: [] } as const;
  const { data } = await ask(store, { kind: "funnel", ...query }, nowMs);
  return data.steps.map(({ users }) => users);
}

async function firstStepsOf(store: EventStore): Promise<readonly string[]> {
  const query = { fromMs: atMs, toMs: nowMs, by: "eventType", start: null, end: null, depth: 3, nodesMax: 9, filters: [] } as const;
  const { data } = await ask(store, { kind: "paths", ...query }, nowMs);
  return data.nodes.filter(({ kind }) => kind === "step").map(({ id }) => id);
}

test("steps of one instant are in the order of their request, whatever ids, key, protocol and other requests there are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({ people: fc.integer({ min: 1, max: 6 }), idsOf: anyIds, key: anyKey, protocol: anyProtocol, together: fc.boolean() }),
      async ({ people, idsOf, key, protocol, together }) => {
        const steps = stepsOf(people, idsOf);
        const requests = together ? [steps.flat()] : steps;

        const forth = pipeline(key, protocol);
        await Promise.all(requests.map(forth.send));
        expect(await funnelOf(forth.store)).toEqual([people, people, people]);
        expect(await firstStepsOf(forth.store)).toEqual(lifecycle.map((name, depth) => `${depth}/step/${name}`));

        const back = pipeline(key, protocol);
        await Promise.all(requests.map((request) => back.send(request.toReversed())));
        expect(await funnelOf(back.store)).toEqual([people, 0, 0]);
      },
    ),
    { numRuns: 150 },
  );
});

test("log records of one millisecond are in the order of their nanoseconds, wherever they are in the request", async () => {
  const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
  const anyNanos = fc.uniqueArray(fc.nat(999_999), { minLength: 3, maxLength: 3 }).map((nanos) => nanos.toSorted((a, b) => a - b));
  await fc.assert(
    fc.asyncProperty(anyIds, anyKey, order, anyNanos, async (idsOf, key, places, nanos) => {
      const [steps = []] = stepsOf(1, idsOf);
      const timed = steps.map((step, i) => ({ ...step, nanos: nanos[i] }));
      const { store, send } = pipeline(key, "otlp");
      await send(places.map((place) => timed[place] as Sent));
      expect(await funnelOf(store)).toEqual([1, 1, 1]);
      expect(await firstStepsOf(store)).toEqual(lifecycle.map((name, depth) => `${depth}/step/${name}`));
    }),
    { numRuns: 100 },
  );
});

test("steps of one instant that come in requests of their own lose nobody, unless their sequence says otherwise", async () => {
  await fc.assert(
    fc.asyncProperty(anyIds, anyKey, anyProtocol, fc.integer({ min: 1, max: 6 }), async (idsOf, key, protocol, people) => {
      const steps = stepsOf(people, idsOf);
      const single = pipeline(key, protocol);
      for (const event of steps.flat().toReversed()) await single.send([event]);
      expect(await funnelOf(single.store)).toEqual([people, people, people]);

      const counted = pipeline(key, protocol);
      for (const event of steps.flatMap((own) => own.map((one, step) => ({ ...one, sequence: 10 - step })))) await counted.send([event]);
      expect(await funnelOf(counted.store)).toEqual([people, 0, 0]);
    }),
    { numRuns: 100 },
  );
});

test("the place of an event in the request that was accepted first stays, and refused events count as places", async () => {
  const { store, send } = pipeline(new Uint8Array(32), "json");
  const [login, join, vote] = stepsOf(1, idStyles.numbered)[0] as [Sent, Sent, Sent];
  await send([{ ...vote, eventType: "nonsense" }, login, join]);
  await send([join, vote, login]);
  const stored = (await store.readChunks(0, 100)).flatMap(({ events }) => events);
  expect(stored.map(({ eventType, position }) => [eventType, position?.index])).toEqual([
    ["user_login", 1],
    ["join_room", 2],
    ["vote_content", 1],
  ]);
});

test("an event that is alone with its timestamp in its request is stored as if nothing were known of its order", async () => {
  const { store, send } = pipeline(new Uint8Array(32), "json");
  const [login, join, vote] = stepsOf(1, idStyles.numbered)[0] as [Sent, Sent, Sent];
  await send([login, { ...join, timestamp: atMs + 1 }, { ...vote, timestamp: atMs + 2, sequence: 4 }]);
  const stored = (await store.readChunks(0, 100)).flatMap(({ events }) => events);
  expect(stored.map(({ position, sequence }) => [position, sequence])).toEqual([
    [undefined, undefined],
    [undefined, undefined],
    [undefined, 4],
  ]);
});

test("the first vote of a room on a title is the first of the request, whatever ids and key", async () => {
  await fc.assert(
    fc.asyncProperty(anyKey, anyProtocol, async (key, protocol) => {
      const { store, send } = pipeline(key, protocol);
      const voteOf = (n: number, mediaType: string) => ({
        eventId: `vote:r1:u${n}:862`,
        userId: `u${n}`,
        roomId: "r1",
        eventType: "vote_content",
        timestamp: atMs,
        properties: { contentId: "movie:862", vote: "like", mediaType },
      });
      await send([voteOf(1, "tv"), voteOf(2, "movie"), voteOf(3, "movie")]);
      await foldAll(store, () => nowMs);
      const [ballot] = await store.scanEntities("roomTitle", "", 10);
      expect(ballot?.value).toMatchObject({ votes: 3, dimensions: { mediaType: "tv" } });
    }),
    { numRuns: 100 },
  );
});
