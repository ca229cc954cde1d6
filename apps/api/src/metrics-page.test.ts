import { spawnSync } from "node:child_process";
import { metricCatalogue } from "@trinity/aggregation/metric-catalogue";
import { openMemoryStore } from "@trinity/storage-memory/memory-event-store";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { expect, test } from "vitest";
import { appendAndFold, startTestApi, storedEvent, testNowMs } from "./api-app.testing.ts";

const samples = (text: string) => text.split("\n").filter((line) => line.startsWith("trinity_"));

async function filledApi() {
  const store = openMemoryStore();
  const telemetry = startTelemetry({ serviceName: "trinity-api", version: "0.1.0", sampleRatio: 0 });
  const { tracer, meter } = telemetry;
  const api = await startTestApi({
    store,
    http: { logStream: { write: () => {} }, telemetry: { tracer, meter } },
    processMetrics: () => telemetry.metricsText(),
  });
  const span = {
    eventType: "span",
    properties: { kind: "server", service: "api", route: "GET /x", durationUs: 250_000, failed: false, statusClass: "2xx" },
  };
  await appendAndFold(
    store,
    [storedEvent(), storedEvent({ userId: "u_two" }), storedEvent(span)],
    [{ key: null, source: "app", code: "bad" }],
  );
  return { api, store, stop: () => Promise.all([api.close(), telemetry.shutdown()]) };
}

test("the catalogue's numbers of today are gauges, durations in seconds", async () => {
  const { api, stop } = await filledApi();
  const { text, status } = await api.get("/metrics", {});
  expect(status).toBe(200);
  const lines = samples(text);
  expect(lines).toContain("trinity_votes 2");
  expect(lines).toContain("trinity_positive_rate 1");
  expect(lines).toContain('trinity_active_users{window="30d"} 2');
  expect(lines.find((line) => line.startsWith('trinity_request_duration_seconds{statistic="p95"}'))).toMatch(/ 0\.2[45]\d*$/);
  expect(lines).toContain('trinity_events_ingested_total{outcome="accepted"} 3');
  expect(lines).toContain('trinity_events_ingested_total{outcome="rejected"} 1');
  expect(lines).toContain("trinity_store_readable 1");
  await stop();
});

test("a ratio over nothing has no sample, and no number has one before the store was read: 0 would be an answer", async () => {
  const store = openMemoryStore();
  const { readWatermark } = store;
  Object.assign(store, { readWatermark: () => Promise.reject(new Error("away")) });
  const api = await startTestApi({ store });
  const namesNow = async () => samples((await api.get("/metrics", {})).text).map((line) => line.split(/[ {]/, 1)[0]);
  expect(await namesNow()).not.toContain("trinity_votes");
  Object.assign(store, { readWatermark });
  const names = await namesNow();
  expect(names).toContain("trinity_votes");
  expect(names).not.toContain("trinity_positive_rate");
  await api.close();
});

test("labels have closed sets of values, and there are few series", async () => {
  const { api, stop } = await filledApi();
  const lines = samples((await api.get("/metrics", {})).text);
  const labels = new Set(lines.flatMap((line) => [...line.matchAll(/(\w+="[^"]*")/g)].map(([label]) => label as string)));
  expect([...labels].sort()).toEqual([
    'outcome="accepted"',
    'outcome="duplicate"',
    'outcome="rejected"',
    'statistic="mean"',
    'statistic="p50"',
    'statistic="p90"',
    'statistic="p95"',
    'statistic="p99"',
    'window="1d"',
    'window="30d"',
    'window="7d"',
  ]);
  expect(lines.length).toBeLessThan(metricCatalogue.length * 5 + 10);
  await stop();
});

test("the page follows the store from scrape to scrape, and says when it cannot", async () => {
  const { api, store, stop } = await filledApi();
  await api.get("/metrics", {});
  await appendAndFold(store, [storedEvent({ timestampMs: testNowMs - 1_000 })]);
  expect(samples((await api.get("/metrics", {})).text)).toContain("trinity_votes 3");
  Object.assign(store, { readWatermark: () => Promise.reject(new Error("away")) });
  const { status, text } = await api.get("/metrics", {});
  expect(status).toBe(200);
  expect(samples(text)).toContain("trinity_store_readable 0");
  await stop();
});

test("all of the page is of one moment, however fast the store moves on", async () => {
  const store = openMemoryStore();
  const { readRollups } = store;
  const moveOn = () => appendAndFold(store, [storedEvent()]);
  const moving: typeof readRollups = async (...ranges) => {
    await moveOn();
    return readRollups(...ranges);
  };
  await moveOn();
  const api = await startTestApi({ store: { ...store, readRollups: moving } });
  const lines = samples((await api.get("/metrics", {})).text);
  const valueOf = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")
      .at(-1);
  expect(valueOf("trinity_votes")).toBe(valueOf('trinity_events_ingested_total{outcome="accepted"}'));
  await api.close();
});

test.each([testNowMs, Date.UTC(2026, 10, 22), Date.UTC(2026, 10, 22, 23, 59, 59, 999), Date.UTC(2026, 10, 23, 0, 1)])(
  "every number of the page comes from rollups: at %i a scrape reads neither events nor entities, however long the log is",
  async (nowMs) => {
    const store = openMemoryStore();
    await appendAndFold(store, [storedEvent(), storedEvent({ eventType: "room_created", properties: { seats: 2 } })]);
    const reads: string[] = [];
    const watched = (name: "readChunksInRanges" | "readChunks" | "readParts" | "scanEntities") => async () => {
      reads.push(name);
      return [];
    };
    Object.assign(store, {
      readChunksInRanges: watched("readChunksInRanges"),
      readChunks: watched("readChunks"),
      readParts: watched("readParts"),
      scanEntities: watched("scanEntities"),
    });
    const api = await startTestApi({ store, clock: { nowMs: () => nowMs } });
    const lines = samples((await api.get("/metrics", {})).text);
    expect([reads, lines.includes("trinity_store_readable 1")]).toEqual([[], true]);
    for (const { name, unit } of metricCatalogue.filter(
      ({ calculation }) => calculation.parameter === null && calculation.emptyValue.value === 0,
    ))
      expect([name, unit, lines.filter((line) => line.startsWith(`trinity_${name} `)).length]).toEqual([name, unit, 1]);
    await api.close();
  },
);

const promtool = spawnSync("promtool", ["--version"]).status === 0;
if (!promtool) console.warn("skipped: promtool is not installed: scripts/install-peers.sh");

test.skipIf(!promtool && process.env["CI"] !== "true")("promtool (Debian's prometheus) finds nothing to correct", async () => {
  const { api, stop } = await filledApi();
  await api.get("/api/v1/metrics");
  const { text } = await api.get("/metrics", {});
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
  expect(stdout + stderr).toBe("");
  expect(status).toBe(0);
  await stop();
});
