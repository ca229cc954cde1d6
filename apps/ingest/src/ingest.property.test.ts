import { createPseudonymiser } from "@trinity/anonymization/pseudonym";
import { candidateOf, eventsIn } from "@trinity/events/event-arbitrary";
import { unwrap } from "@trinity/runtime/result";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonAcknowledgement } from "./json-acknowledgement.ts";
import { jsonProtocol } from "./json-protocol.ts";
import { pipelineOn } from "./pipeline.testing.ts";

const nowMs = Date.UTC(2026, 5, 1);
const pseudonymiser = createPseudonymiser(new Uint8Array(32));

function newPipeline() {
  const store = openMemoryStore();
  const take = pipelineOn(store, pseudonymiser, nowMs);
  const send = async (events: readonly unknown[]) => unwrap(await take(Buffer.from(JSON.stringify({ events })), jsonProtocol));
  return { store, send };
}

/** What a sender may post: an event of any type from any source, or one with an invalid field. */
const anyCandidate = fc
  .record({
    event: eventsIn({ fromMs: 0, toMs: nowMs }).map(candidateOf),
    spoil: fc.option(fc.constantFrom("eventId", "eventType", "timestamp", "userId", "properties", "context"), { nil: null, freq: 4 }),
    junk: fc.jsonValue(),
  })
  .map(({ event, spoil, junk }) => ({
    candidate: spoil === null ? event : { ...event, [spoil]: junk },
    whole: spoil === null,
    id: event["eventId"] as string,
  }));

/** Batches that are sent in parallel and one after another, with repeated events. */
const anyTraffic = fc.array(anyCandidate, { minLength: 1, maxLength: 25 }).chain((candidates) =>
  fc.array(fc.array(fc.array(fc.constantFrom(...candidates), { maxLength: 12 }), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 5,
  }),
);

test("Feature: analytics-system, Property 1: event tracking completeness - each event that is sent is in the log exactly once or rejected with a reason, and the counts of an answer add up to its batch", async () => {
  await fc.assert(
    fc.asyncProperty(anyTraffic, async (rounds) => {
      const { store, send } = newPipeline();
      const wanted = new Set<string>();
      let accepted = 0;
      for (const batches of rounds) {
        const answers = await Promise.all(batches.map((batch) => send(batch.map(({ candidate }) => candidate))));
        for (const [i, batch] of batches.entries()) {
          const answer = answers[i] as JsonAcknowledgement;
          accepted += answer.accepted;
          expect(answer.accepted + answer.duplicates + answer.rejected.length).toBe(batch.length);
          for (const { code, path } of answer.rejected) expect([typeof code, typeof path]).toEqual(["string", "string"]);
          const rejected = new Set(answer.rejected.map(({ index }) => index));
          for (const [index, { whole, id }] of batch.entries()) {
            if (!whole) continue;
            expect(rejected.has(index)).toBe(false);
            wanted.add(id);
          }
        }
      }
      const chunks = await store.readChunks(0, Number.POSITIVE_INFINITY);
      const stored = chunks.flatMap(({ events }) => events);
      const ids = stored.map(({ eventId }) => eventId);
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids).toHaveLength(accepted);
      expect(ids).toEqual(expect.arrayContaining([...wanted]));
      for (const event of stored)
        expect([typeof event.eventType, typeof event.timestampMs, event.receivedAtMs]).toEqual(["string", "number", nowMs]);
    }),
    { numRuns: 150 },
  );
});
