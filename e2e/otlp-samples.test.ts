import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type RealProcesses, startRealProcesses, startWithinMs } from "./real-process.ts";

const telemetryDir = join(import.meta.dirname, "../../shared/data/telemetry");
const present = existsSync(join(telemetryDir, "expected-counts.json"));
const missing = "skipped: ../shared/data/telemetry is missing";
if (!present) console.warn(missing);

type Counts = Readonly<Record<"spans" | "dataPoints" | "logRecords", number>> & { readonly topLevel: readonly string[] };

const pathOf: Readonly<Record<string, string>> = { resourceSpans: "traces", resourceMetrics: "metrics", resourceLogs: "logs" };
const expected = present
  ? (JSON.parse(readFileSync(join(telemetryDir, "expected-counts.json"), "utf8")) as { otlp: Readonly<Record<string, Counts>> }).otlp
  : {};

describe.skipIf(!present)(`OTLP/JSON of other projects${present ? "" : `, ${missing}`}`, () => {
  let processes: RealProcesses;
  let api: ApiClient;

  beforeAll(async () => {
    processes = await startRealProcesses({ TRINITY_MAX_EVENT_AGE: "unlimited" });
    api = createApiClient(processes);
  }, startWithinMs);

  afterAll(async () => {
    await processes?.stop();
    processes?.discard();
  });

  const send = (name: string, signal: string) =>
    fetch(`${processes.ingestUrl}/v1/${signal}`, {
      method: "POST",
      headers: { "x-api-key": processes.ingestKey, "content-type": "application/json" },
      body: readFileSync(join(telemetryDir, "otlp", name)),
    });

  for (const [name, { spans, dataPoints, logRecords, topLevel }] of Object.entries(expected)) {
    test(`${name}: every record is stored, and only once when it is sent again`, async () => {
      const signal = pathOf[topLevel[0] as string] as string;
      const records = spans + dataPoints + logRecords;
      const before = await api.ingestCounts();
      const answers = [await send(name, signal), await send(name, signal)];
      expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual([
        [200, {}],
        [200, {}],
      ]);
      const after = await api.ingestCounts();
      expect({
        received: after.received - before.received,
        stored: after.stored - before.stored,
        duplicates: after.duplicates - before.duplicates,
        rejected: after.rejected - before.rejected,
      }).toEqual({ received: 2 * records, stored: records, duplicates: records, rejected: 0 });
    });
  }
});
