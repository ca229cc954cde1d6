import { usualDefects } from "@trinity/simulator/defects";
import type { ServerSpan } from "@trinity/simulator/message";
import { otlpTraceRequest } from "@trinity/simulator/otlp-trace-request";
import { simulate } from "@trinity/simulator/simulate";
import { type SentEvent, sendAll } from "./event-sender.ts";
import type { RealProcesses } from "./real-process.ts";

const batchMax = 500;
/** Spans are many more than events and alike, so only some are sent. */
const spansEvery = 10;

export type WorldSettings = { readonly seed: number; readonly fromMs: number; readonly toMs: number; readonly scale: number };

/** Sends a simulated community: its events as JSON, some of its servers' spans and what one of them reports of its resources as OTLP. */
export async function sendSimulatedWorld(processes: RealProcesses, settings: WorldSettings): Promise<{ readonly events: number }> {
  const events: SentEvent[] = [];
  const spans: ServerSpan[] = [];
  let number = 0;
  for (const message of simulate({ ...settings, defects: usualDefects })) {
    if (message.kind === "event") events.push(message.event as unknown as SentEvent);
    else if (number++ % spansEvery === 0) spans.push(message.span);
  }
  const { accepted } = await sendAll(processes, batchesOf(events), { senders: 2, encodingOf: () => "identity" });
  for (const batch of batchesOf(spans)) await sendOtlp(processes, "traces", otlpTraceRequest(batch));
  await sendOtlp(processes, "metrics", resourceRequest(settings));
  return { events: accepted };
}

function batchesOf<T>(values: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(values.length / batchMax);
  return Array.from({ length: count }, (_, i) => values.slice(i * batchMax, (i + 1) * batchMax));
}

async function sendOtlp({ ingestUrl, ingestKey }: RealProcesses, signal: "traces" | "metrics", body: unknown): Promise<void> {
  const response = await fetch(`${ingestUrl}/v1/${signal}`, {
    method: "POST",
    headers: { "x-api-key": ingestKey, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(`${signal}: ${response.status} ${await response.text()}`);
}

/** The share of a processor that a service used, every six hours. */
function resourceRequest({ fromMs, toMs }: WorldSettings) {
  const everyMs = 6 * 3_600_000;
  const dataPoints = Array.from({ length: Math.floor((toMs - fromMs) / everyMs) }, (_, i) => ({
    timeUnixNano: `${BigInt(toMs - i * everyMs) * 1_000_000n}`,
    asDouble: (i % 8) / 8,
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "trinity-room" } }] };
  return {
    resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name: "process.cpu.utilization", unit: "1", gauge: { dataPoints } }] }] }],
  };
}
