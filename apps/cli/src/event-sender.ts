import type { ServerSpan } from "@trinity/simulator/message";
import { otlpTraceRequest } from "@trinity/simulator/otlp-trace-request";
import { pause } from "./pause.ts";

/** What became of everything that was sent. */
export type SentCounts = { accepted: number; duplicates: number; rejected: number; rejectedByCode: Map<string, number> };

export type EventSender = {
  readonly counts: SentCounts;
  /** Sends one batch and returns once it is acknowledged; while the server is busy or away, it is tried again. */
  sendEvents(events: readonly unknown[]): Promise<void>;
  sendSpans(spans: readonly ServerSpan[]): Promise<void>;
};

export type EventSenderSettings = {
  readonly url: string;
  readonly key: string;
  /** How often a request is sent again before it fails. */
  readonly retriesMax?: number;
  /** Cuts requests and waits short: what is under way is then rejected. */
  readonly signal?: AbortSignal;
};

/** A request was refused for good: the same bytes would be refused again. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
}

const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const backoffMaxMs = 5_000;

export function createEventSender({ url, key, retriesMax = 20, signal }: EventSenderSettings): EventSender {
  const counts: SentCounts = { accepted: 0, duplicates: 0, rejected: 0, rejectedByCode: new Map() };

  async function post(path: string, body: unknown): Promise<unknown> {
    const request = { method: "POST", headers: { "content-type": "application/json", "x-api-key": key }, body: JSON.stringify(body) };
    for (let attempt = 0; ; attempt++) {
      const response = await fetch(new URL(path, url), signal === undefined ? request : { ...request, signal }).catch((error: unknown) => {
        if (attempt >= retriesMax || signal?.aborted) throw error;
        return null;
      });
      if (response?.ok) return response.json();
      if (response !== null && (!retryable.has(response.status) || attempt >= retriesMax)) {
        throw new RefusedError(`${response.status} ${(await response.text()).slice(0, 300)}`);
      }
      await pause(waitMsBefore(attempt, response?.headers.get("retry-after") ?? null), signal);
    }
  }

  return {
    counts,
    async sendEvents(events) {
      const answer = (await post("/v1/events", { events })) as {
        accepted: number;
        duplicates: number;
        rejected: readonly { code: string }[];
      };
      counts.accepted += answer.accepted;
      counts.duplicates += answer.duplicates;
      counts.rejected += answer.rejected.length;
      for (const { code } of answer.rejected) counts.rejectedByCode.set(code, (counts.rejectedByCode.get(code) ?? 0) + 1);
    },
    async sendSpans(spans) {
      const answer = (await post("/v1/traces", otlpTraceRequest(spans))) as { partialSuccess?: { rejectedSpans?: string } };
      const rejected = Number(answer.partialSuccess?.rejectedSpans ?? 0);
      counts.accepted += spans.length - rejected;
      counts.rejected += rejected;
    },
  };
}

/** What the server asks for, or else twice as long as before. */
function waitMsBefore(attempt: number, retryAfter: string | null): number {
  const askedMs = Number(retryAfter ?? Number.NaN) * 1_000;
  return Number.isFinite(askedMs) ? askedMs : Math.min(backoffMaxMs, 100 * 2 ** attempt);
}
