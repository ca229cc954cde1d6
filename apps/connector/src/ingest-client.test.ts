import type { WireEvent } from "@trinity/trinity-connector/wire-event";
import { expect, test } from "vitest";
import { createIngestClient } from "./ingest-client.ts";
import { createTime } from "./time.testing.ts";

const running = new AbortController().signal;
const eventsOf = (...ids: readonly string[]) => ids.map((eventId) => ({ eventId }) as WireEvent);
type Answer = (ids: readonly string[]) => Response | Error;

const taken = (accepted: number, rejected: readonly object[] = []) => Response.json({ accepted, duplicates: 0, rejected }, { status: 202 });

/** An ingest process that gives these answers, one after the other; the last one for ever. */
function setUp(...answers: readonly Answer[]) {
  const requests: (readonly string[])[] = [];
  const retries: string[] = [];
  const time = createTime();
  const client = createIngestClient({
    url: "http://ingest.example",
    key: "key",
    sleep: time.sleep,
    random: () => 1,
    onRetry: (state) => retries.push(state),
    fetch: async (_url, init) => {
      const { events } = JSON.parse(String(init?.body)) as { events: { eventId: string }[] };
      const ids = events.map(({ eventId }) => eventId);
      requests.push(ids);
      const answer = (answers[requests.length - 1] ?? answers.at(-1))?.(ids);
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer;
    },
  });
  return { client, requests, retries, pauses: time.pauses };
}

test("acknowledged events are sent once", async () => {
  const { client, requests } = setUp(() => taken(2));
  expect(await client.send(eventsOf("a", "b"), running)).toEqual({ accepted: 2, duplicates: 0, rejected: [] });
  expect(requests).toEqual([["a", "b"]]);
  expect(client.state()).toBe("taking");
});

test("requests to a busy, broken or absent ingest are retried, ever later, and no sooner than it asks", async () => {
  const { client, retries, pauses } = setUp(
    () => new Error("connection refused"),
    () => new Response(null, { status: 503 }),
    () => new Response(null, { status: 429, headers: { "retry-after": "4" } }),
    () => new Response("half an ans", { status: 202 }),
    () => taken(1),
  );
  expect(await client.send(eventsOf("a"), running)).toMatchObject({ accepted: 1 });
  expect(retries).toEqual(["unreachable", "busy", "busy", "unreachable"]);
  expect(pauses).toEqual([200, 400, 5_000, 1_600]);
});

test("a rejected key must be corrected by the operator: no event is given up", async () => {
  const { client, retries } = setUp(
    () => new Response(null, { status: 401 }),
    () => taken(1),
  );
  await client.send(eventsOf("a"), running);
  expect(retries).toEqual(["key_refused"]);
});

test("events that ingest rejects are named by their index", async () => {
  const { client } = setUp(() => taken(1, [{ index: 1, eventId: "b", code: "too_old", message: "…" }]));
  expect(await client.send(eventsOf("a", "b"), running)).toEqual({ accepted: 1, duplicates: 0, rejected: [{ index: 1, code: "too_old" }] });
});

test("of a rejected request, only the event that causes the rejection is given up", async () => {
  const { client } = setUp((ids) => (ids.includes("c") ? new Response(null, { status: 413 }) : taken(ids.length)));
  expect(await client.send(eventsOf("a", "b", "c", "d", "e"), running)).toEqual({
    accepted: 4,
    duplicates: 0,
    rejected: [{ index: 2, code: "status_413" }],
  });
});

test("asked to stop, it stops retrying", async () => {
  const stopping = new AbortController();
  const { client } = setUp(() => {
    stopping.abort();
    return new Response(null, { status: 503 });
  });
  await expect(client.send(eventsOf("a"), stopping.signal)).rejects.toThrow();
});
