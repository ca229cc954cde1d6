import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { eventsOfRecords } from "./otlp-events.ts";
import { decodeOtlpJson } from "./otlp-json.ts";
import type { OtlpSignal } from "./otlp-records.ts";
import { taken } from "./otlp-requests.testing.ts";

const telemetry = new URL("../../../../shared/data/telemetry/", import.meta.url);
const samples = new URL("otlp/", telemetry);
const available = existsSync(samples);
if (!available) console.warn("skipped: ../shared/data/telemetry/otlp is missing");

type Counts = { readonly spans: number; readonly dataPoints: number; readonly logRecords: number; readonly topLevel: readonly string[] };
const signalOf: Record<string, OtlpSignal> = { resourceSpans: "traces", resourceMetrics: "metrics", resourceLogs: "logs" };

// Outside this repository: where the folder is absent, the names of the skipped tests say which one is missing.
describe.skipIf(!available)(`samples in ../shared/data/telemetry/otlp${available ? "" : " (folder missing)"}`, () => {
  const expected = available ? countsByFile() : {};

  test("there are samples of all three signals", () => {
    expect(
      readdirSync(samples)
        .filter((name) => name.endsWith(".json"))
        .sort(),
    ).toEqual(Object.keys(expected).sort());
    expect(new Set(Object.values(expected).flatMap((counts) => counts.topLevel))).toEqual(new Set(Object.keys(signalOf)));
  });

  test.each(Object.keys(expected))("%s: every record is accepted and becomes one event", (name) => {
    const counts = expected[name] as Counts;
    const signal = signalOf[counts.topLevel[0] as string] as OtlpSignal;
    const batch = taken(decodeOtlpJson(signal, JSON.parse(readFileSync(new URL(name, samples), "utf8"))));
    expect(batch.records.length).toBe(counts.spans + counts.dataPoints + counts.logRecords);
    expect(batch.rejections.count).toBe(0);
    expect(batch.ignoredKeys).toBe(0);
    expect(eventsOfRecords(signal, batch.records as never).length).toBe(batch.records.length);
  });
});

function countsByFile(): Record<string, Counts> {
  const counts = JSON.parse(readFileSync(new URL("expected-counts.json", telemetry), "utf8")) as { otlp: Record<string, Counts> };
  return counts.otlp;
}
