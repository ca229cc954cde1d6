import type { Backoff } from "@trinity/runtime/backoff";
import type { Random } from "@trinity/runtime/random";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { type Retryable, retry, retryAfterMs } from "@trinity/runtime/retry";
import type { Sleep } from "@trinity/runtime/sleep";
import type { ServerSpan } from "@trinity/simulator/message";
import { otlpTraceRequest } from "@trinity/simulator/otlp-trace-request";

/** The outcomes of all events that were sent. */
type SentCounts = {
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Properties of accepted events that no schema has; they were dropped. */
  droppedProperties: number;
  rejectedByCode: Map<string, number>;
};

/** Why one event of a batch was rejected, as ingest answers. */
export type Rejection = {
  /** Index in the batch, from 0. */
  readonly index: number;
  readonly eventId?: string | null;
  readonly code: string;
  readonly path?: string;
  readonly message?: string;
};

export type EventSender = {
  readonly counts: SentCounts;
  /**
   * Sends one batch and returns its rejections once it is acknowledged. Retries while the server is busy or unreachable.
   * @throws {PermanentProblemError}
   */
  sendEvents(events: readonly unknown[]): Promise<readonly Rejection[]>;
  sendSpans(spans: readonly ServerSpan[]): Promise<void>;
};

export type EventSenderSettings = {
  readonly url: string;
  readonly key: string;
  readonly sleep: Sleep;
  readonly random: Random;
  /** How often a request is sent again before it fails. */
  readonly retriesMax?: number;
  /** Aborts requests and waits. */
  readonly signal?: AbortSignal;
  /** Called with one line when the server cannot be reached and the request is retried. */
  readonly say?: (line: string) => void;
};

/** The limits of one request to ingest. */
export const eventsMaxInRequest = 1_000;
export const bodyBytesMax = 1024 * 1024;

/** Ingest answered with a problem, and would answer the same request with it again: do not retry. */
export class PermanentProblemError extends Error {
  override readonly name = "PermanentProblemError";
}

const retryable: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const backoff: Backoff = { baseMs: 100, capMs: 5_000, jitter: "equal" };

/** A request that was not accepted but can be retried; `reason` makes the error for when it is not. */
type Unsent = Retryable & { readonly reason: () => Promise<Error> };

export function createEventSender(settings: EventSenderSettings): EventSender {
  const { url, key, sleep, random, retriesMax = 20, signal, say = () => {} } = settings;
  const counts: SentCounts = { accepted: 0, duplicates: 0, rejected: 0, droppedProperties: 0, rejectedByCode: new Map() };
  let isAway = false;

  /** @throws {PermanentProblemError} */
  async function attempt(path: string, request: RequestInit): Promise<Result<unknown, Unsent>> {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), request);
    } catch (error) {
      if (signal?.aborted) throw error;
      if (!isAway && retriesMax > 0) say(`${awayText(url, error)}; trying again`);
      isAway = true;
      return failed({ reason: async () => new Error(`${awayText(url, error)}; is the product running (npm start)?`, { cause: error }) });
    }
    isAway = false;
    if (response.ok) return ok(await response.json());
    if (!retryable.has(response.status)) throw new PermanentProblemError(await problemText(response));
    const reason = async () => new Error(await problemText(response));
    return failed({ reason, afterMs: retryAfterMs(response.headers.get("retry-after")) });
  }

  async function post(path: string, body: unknown): Promise<unknown> {
    const request = { method: "POST", headers: { "content-type": "application/json", "x-api-key": key }, body: JSON.stringify(body) };
    const abort = signal === undefined ? {} : { signal };
    const posted = await retry(() => attempt(path, { ...request, ...abort }), {
      backoff,
      sleep,
      random,
      attemptsMax: retriesMax + 1,
      ...abort,
    });
    if (!posted.ok) throw await posted.error.reason();
    return posted.value;
  }

  return {
    counts,
    async sendEvents(events) {
      const answer = (await post("/v1/events", { events })) as {
        accepted: number;
        duplicates: number;
        rejected: readonly Rejection[];
        droppedProperties?: number;
      };
      counts.accepted += answer.accepted;
      counts.duplicates += answer.duplicates;
      counts.rejected += answer.rejected.length;
      counts.droppedProperties += answer.droppedProperties ?? 0;
      for (const { code } of answer.rejected) counts.rejectedByCode.set(code, (counts.rejectedByCode.get(code) ?? 0) + 1);
      return answer.rejected;
    },
    async sendSpans(spans) {
      const answer = (await post("/v1/traces", otlpTraceRequest(spans))) as { partialSuccess?: { rejectedSpans?: string } };
      const rejected = Number(answer.partialSuccess?.rejectedSpans ?? 0);
      counts.accepted += spans.length - rejected;
      counts.rejected += rejected;
    },
  };
}

function awayText(url: string, error: unknown): string {
  const { cause } = error as { cause?: { code?: string } };
  return `${url} does not answer${cause?.code === undefined ? "" : ` (${cause.code})`}`;
}

/** The problem of a request, in one line. */
async function problemText(response: Response): Promise<string> {
  if (response.status === 401)
    return "ingest does not know this key: give --key, or set TRINITY_INGEST_KEY to the key that the first npm start printed";
  if (response.status === 403) return "this key may not send events: give a key with the role service";
  const text = await response.text();
  try {
    const { title, detail } = JSON.parse(text) as { title?: string; detail?: string };
    if (title !== undefined) return `ingest refused a request with ${response.status}: ${title}. ${detail ?? ""}`.trimEnd();
  } catch {
    // Another server than ingest answers there.
  }
  return `${response.url} refused a request with ${response.status}: is that the address of ingest?`;
}
