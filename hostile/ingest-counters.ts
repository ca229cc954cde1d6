import type { HostileContext } from "./hostile-context.ts";
import { send } from "./http-request.ts";

/** The outcomes of all events since the process started, from `/metrics`. */
export type IngestCounters = { readonly accepted: number; readonly duplicate: number; readonly rejected: number };

export type MetricsPage = {
  readonly counters: IngestCounters;
  readonly series: number;
  readonly text: string;
  readonly brokenLines: readonly string[];
};

const line = /^(?:#.*|[a-zA-Z_:][\w:]*(?:\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\n"])*",?)*\})? [-+\w.]+(?: \d+)?)?$/;

export async function readMetrics(context: HostileContext): Promise<MetricsPage> {
  const answer = await send(context, { method: "GET", path: "/metrics" });
  const text = answer?.body.toString() ?? "";
  const lines = text.split("\n");
  const countOf = (outcome: string) =>
    Number(new RegExp(`^trinity_ingest_events_total\\{outcome="${outcome}"\\} (\\d+)$`, "m").exec(text)?.[1] ?? 0);
  return {
    text,
    counters: { accepted: countOf("accepted"), duplicate: countOf("duplicate"), rejected: countOf("rejected") },
    series: lines.filter((one) => one !== "" && !one.startsWith("#")).length,
    brokenLines: lines.filter((one) => !line.test(one)),
  };
}
