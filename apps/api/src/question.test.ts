import { setTimeout as sleep } from "node:timers/promises";
import { foldAll } from "@trinity/storage/fold-log";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { expect, test } from "vitest";
import { append, startTestApi, storedEvent, testNowMs } from "./api-app.testing.ts";
import { openApiDocument } from "./openapi-document.ts";
import { type ListedProcedure, listProcedures } from "./procedure-list.ts";

/** They list what does not come from events. */
const noQuestions = ["metrics.list", "admin.keys.list"];
const procedures = listProcedures();
const questions = procedures.filter(({ type, path }) => type === "query" && !noQuestions.includes(path));

/** A valid value for whatever some question requires. */
const required: Readonly<Record<string, string>> = { from: "2026-11-22", to: "2026-11-23", metric: "events", roomId: "r_one" };

function inputOf({ input }: ListedProcedure): Record<string, string> {
  return Object.fromEntries(input.required.map((name) => [name, required[name] as string]));
}

/** An API on an event that is not folded; it is as soon as anybody waits. */
async function apiBehind() {
  const store = openMemoryStore();
  let waits = 0;
  const api = await startTestApi({
    store,
    sleep: async (ms, signal) => {
      waits += 1;
      await foldAll(store, () => testNowMs);
      await sleep(Math.min(ms, 5), undefined, { signal });
    },
  });
  await append(store, [storedEvent()]);
  return { api, store, waits: () => waits };
}

test.each(questions.map((question) => [question.path, question] as const))(
  "%s with fresh=true answers over both surfaces when all that was acknowledged is folded",
  async (path, question) => {
    expect(question.input.properties["fresh"]).toMatchObject({ type: "boolean", default: false });
    for (const surface of ["rest", "trpc"] as const) {
      const { api, store } = await apiBehind();
      const input = { ...inputOf(question), fresh: true };
      const { method, path: route } = question.rest;
      const url = `/api/v1${route.replace(/\{(\w+)\}/, (_, name) => String(required[name]))}`;
      const { [/\{(\w+)\}/.exec(route)?.[1] ?? ""]: _, ...rest } = input as Record<string, unknown>;
      const parameters = new URLSearchParams(Object.entries(rest).map(([name, value]): [string, string] => [name, String(value)]));
      const answer =
        surface === "trpc"
          ? await api.get(`/trpc/${path}?input=${encodeURIComponent(JSON.stringify(input))}`)
          : method === "POST"
            ? await api.send("POST", url, JSON.stringify(input))
            : await api.get(`${url}?${parameters}`);
      expect(answer.status, answer.text).toBe(200);
      expect((await store.readWatermark()).seq).toBe(await store.headSeq());
      await api.close();
    }
  },
);

test("without fresh no question waits, but for the ingestion counts, which must add up", async () => {
  for (const question of questions.filter(({ path }) => !["health.ingestion", "health.books"].includes(path))) {
    const { api, waits } = await apiBehind();
    await api.get(`/trpc/${question.path}?input=${encodeURIComponent(JSON.stringify(inputOf(question)))}`);
    expect(waits(), question.path).toBe(0);
    await api.close();
  }
});

test("explore shows an event that was appended just before, and its CSV neighbour counts it", async () => {
  const { api, store } = await apiBehind();
  const range = "from=2026-11-22&to=2026-11-23&fresh=true";
  const explored = (await api.get(`/api/v1/explore/events?metric=events&${range}`)).json;
  expect([explored.total, explored.rows.length, explored.number.value]).toEqual([1, 1, 1]);
  await append(store, [storedEvent()]);
  const csv = await api.get(`/api/v1/metrics/events?granularity=total&format=csv&${range}`);
  expect(csv.text.split("\r\n")[1]).toContain(",2,");
  await api.close();
});

test("a fold that does not come is 503 with when to come back, on every question", async () => {
  const store = openMemoryStore();
  let nowMs = testNowMs;
  const api = await startTestApi({
    store,
    clock: { nowMs: () => nowMs },
    sleep: async () => {
      nowMs += 1_000;
    },
  });
  await append(store, [storedEvent()]);
  for (const question of questions) {
    const input = encodeURIComponent(JSON.stringify({ ...inputOf(question), fresh: true }));
    const { status, headers } = await api.get(`/trpc/${question.path}?input=${input}`);
    expect([question.path, status, headers.get("retry-after")]).toEqual([question.path, 503, "1"]);
  }
  await api.close();
});

test("the OpenAPI document shows fresh at every question, and nowhere else", () => {
  const shown = Object.values(openApiDocument(procedures)["paths"] as Record<string, Record<string, object>>)
    .flatMap((operations) => Object.values(operations))
    .filter((operation) => JSON.stringify({ ...operation, responses: {} }).includes('"fresh"'))
    .map((operation) => (operation as { readonly operationId: string }).operationId);
  expect(shown.toSorted()).toEqual(questions.map(({ path }) => path).toSorted());
});
