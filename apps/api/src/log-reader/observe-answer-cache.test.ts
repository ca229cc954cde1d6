import { renderMetricsPage } from "@trinity/telemetry/metrics-page";
import { startTelemetry } from "@trinity/telemetry/telemetry";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { createAnswerCache } from "./answer-cache.ts";
import { observeAnswerCache } from "./observe-answer-cache.ts";

test("the page of metrics says how questions were answered, and how many bytes are cached", async () => {
  const telemetry = startTelemetry({ serviceName: "trinity-api", version: "0.1.0", sampleRatio: 0 });
  observeAnswerCache(telemetry.meter, { ...createAnswerCache(1_000), usage: () => ({ hits: 3, joined: 2, misses: 1, bytes: 512 }) });
  const { body } = await renderMetricsPage(await telemetry.metricsText(), new Registry());
  for (const line of [
    'questions_total{outcome="hit"} 3',
    'questions_total{outcome="joined"} 2',
    'questions_total{outcome="miss"} 1',
    "size_bytes 512",
  ])
    expect(body).toContain(`\nanswer_cache_${line}\n`);
  await telemetry.shutdown();
});
