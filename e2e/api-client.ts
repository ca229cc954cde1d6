import type { MetricAnswer } from "@trinity/aggregation/answer";
import type { RealProcesses } from "./real-process.ts";

/** An answer about one metric, as of REST. */
export type ServedMetric = MetricAnswer & {
  readonly asOf: string;
  readonly revision: number;
  readonly suppressed: number;
  readonly source: "rollups" | "entities" | "log";
};

type IngestCounts = { readonly received: number; readonly stored: number; readonly duplicates: number; readonly rejected: number };

/** Asks the API as any client of its REST would. */
export type ApiClient = {
  /** The answer to a question about a metric; it contains every event acknowledged before the call. @param query such as `votes?from=...` */
  metric(query: string): Promise<ServedMetric>;
  ingestCounts(): Promise<IngestCounts>;
  /** @throws {Error} for any answer but 200 */
  get(path: string): Promise<unknown>;
};

/** How often the API may answer that the fold is behind; it waits five seconds itself each time. */
const attemptsMax = 12;

export function createApiClient({ apiUrl, adminKey }: Pick<RealProcesses, "apiUrl" | "adminKey">): ApiClient {
  async function get(path: string): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(`${apiUrl}/api/v1${path}`, { headers: { "x-api-key": adminKey } });
      const text = await response.text();
      if (response.status === 200) return JSON.parse(text);
      if (response.status !== 503 || attempt === attemptsMax) throw new Error(`GET ${path}: ${response.status} ${text}`);
    }
  }
  return {
    get,
    metric: async (query) => (await get(`/metrics/${query}&fresh=true`)) as ServedMetric,
    ingestCounts: async () => (await get("/health/ingestion")) as IngestCounts,
  };
}
