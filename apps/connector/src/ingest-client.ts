import type { Backoff } from "@trinity/runtime/backoff";
import type { Random } from "@trinity/runtime/random";
import { failed, ok } from "@trinity/runtime/result";
import { retry, retryAfterMs } from "@trinity/runtime/retry";
import type { Sleep } from "@trinity/runtime/sleep";
import type { WireEvent } from "@trinity/trinity-connector/wire-event";

/** An event that ingest will never accept, by its `index` in the request. */
type Rejection = { readonly index: number; readonly code: string };
export type Acknowledged = { readonly accepted: number; readonly duplicates: number; readonly rejected: readonly Rejection[] };

export type IngestClient = {
  /** Sends up to 1,000 events and retries until they are acknowledged. @throws only the reason of the signal */
  send(events: readonly WireEvent[], signal: AbortSignal): Promise<Acknowledged>;
  /** The result of the last attempt. */
  state(): IngestState;
};

export type IngestState = "untried" | "taking" | "busy" | "unreachable" | "key_refused";

export type IngestClientSettings = {
  readonly url: string;
  readonly key: string;
  readonly sleep: Sleep;
  readonly random: Random;
  /** Called for every attempt that must be retried. */
  readonly onRetry: (state: IngestState) => void;
  readonly fetch?: typeof fetch;
  readonly attemptTimeoutMs?: number;
};

const backoff: Backoff = { baseMs: 200, capMs: 20_000, jitter: "full" };
const retryAfterMaxMs = 60_000;

export function createIngestClient(settings: IngestClientSettings): IngestClient {
  const { url, key, sleep, random, onRetry, attemptTimeoutMs = 15_000 } = settings;
  const send = settings.fetch ?? fetch;
  const address = new URL("/v1/events", url);
  const headers = { "content-type": "application/json", "x-api-key": key };
  let state: IngestState = "untried";

  async function attempt(body: string, signal: AbortSignal): Promise<Response | null> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(attemptTimeoutMs)]);
    try {
      return await send(address, { method: "POST", headers, body, signal: limited });
    } catch {
      signal.throwIfAborted();
      return null;
    }
  }

  /** @returns the first answer about the events themselves */
  async function post(events: readonly WireEvent[], signal: AbortSignal): Promise<AnswerRead> {
    const body = JSON.stringify({ events });
    const { value } = await retry(
      async () => {
        const response = await attempt(body, signal);
        const answer = response === null ? null : await readAnswer(response);
        state = response === null || answer === null ? "unreachable" : stateOf(response.status);
        if (answer !== null && state === "taking") return ok(answer);
        onRetry(state);
        // Up to a quarter later than asked, so that senders with the same wait do not return together.
        return failed({ afterMs: askedMs(response) * (1 + random() / 4) });
      },
      { backoff, sleep, random, signal },
    );
    return value;
  }

  async function sendAll(events: readonly WireEvent[], signal: AbortSignal): Promise<Acknowledged> {
    const { status, acknowledged } = await post(events, signal);
    if (acknowledged !== null) return acknowledged;
    // The complete request is rejected: halving it finds the event that is the cause.
    if (events.length === 1) return { accepted: 0, duplicates: 0, rejected: [{ index: 0, code: `status_${status}` }] };
    const middle = Math.ceil(events.length / 2);
    const first = await sendAll(events.slice(0, middle), signal);
    const second = await sendAll(events.slice(middle), signal);
    return {
      accepted: first.accepted + second.accepted,
      duplicates: first.duplicates + second.duplicates,
      rejected: [...first.rejected, ...second.rejected.map(({ index, code }) => ({ index: index + middle, code }))],
    };
  }

  return { send: sendAll, state: () => state };
}

/** An operator must correct a key that is rejected; the events stay valid until then. */
function stateOf(status: number): IngestState {
  if (status === 401 || status === 403) return "key_refused";
  if (status === 404 || status === 408 || status === 429 || status >= 500) return "busy";
  return "taking";
}

type AnswerRead = { readonly status: number; readonly acknowledged: Acknowledged | null };

/** @returns null for an answer that is incomplete or from another server */
async function readAnswer(response: Response): Promise<AnswerRead | null> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => null);
  if (status !== 202) return { status, acknowledged: null };
  if (typeof body !== "object" || body === null) return null;
  const { accepted, duplicates, rejected } = body as Record<string, unknown>;
  if (typeof accepted !== "number" || typeof duplicates !== "number" || !Array.isArray(rejected)) return null;
  const rejections = rejected.map(({ index, code }: { index: unknown; code: unknown }) => ({ index: Number(index), code: String(code) }));
  return { status, acknowledged: { accepted, duplicates, rejected: rejections } };
}

function askedMs(response: Response | null): number {
  return Math.min(retryAfterMaxMs, retryAfterMs(response?.headers.get("retry-after")));
}
