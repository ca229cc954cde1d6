import { deserialize, serialize } from "node:v8";
import type { Answer, QueryFailure } from "@trinity/query/answer";
import type { Moment, Query, QueryCaller } from "@trinity/query/query";
import { type QuestionName, type QuestionOf, settledAtMs } from "@trinity/query/questions";
import { failed, ok, type Result } from "@trinity/runtime/result";
import { LRUCache } from "lru-cache";
import { partsOf } from "../json-pieces.ts";
import { SharedWork } from "./shared-work.ts";

type AnyAnswer = Answer<never>;
type AnyResult = Result<AnyAnswer, QueryFailure>;

export type AnswerCache = {
  /** @returns answers what is cached at once, and leaves all else to the query */
  known(query: Query): Query;
  /** @returns answers equal questions once, and caches what the query answers */
  shared(query: Query): Query;
  usage(): CacheUsage;
};

type CacheUsage = { readonly hits: number; readonly joined: number; readonly misses: number; readonly bytes: number };

/** Of the cache: a larger answer would push out too many others. */
const largestPart = 4;
/** An answer of more values is not cached as bytes, because to read it from them would hold up the API: the last one is kept as it is, for a moment. */
const valuesMax = 20_000;
const largeKeptForMs = 5_000;
/** A state that was rebuilt after damage may have the watermark of the damaged one. */
const keptForMs = 600_000;

/**
 * Caches answers by question, caller and watermark: of one watermark there is one answer, as soon as the present makes no difference to it. So
 * nothing is ever invalidated. Other questions, and failures, are not cached.
 * @param bytesMax of keys and answers; 0 for a cache that answers nothing, and shares nothing
 */
export function createAnswerCache(bytesMax: number): AnswerCache {
  const answers = new LRUCache<string, Uint8Array>({
    maxSize: Math.max(1, bytesMax),
    maxEntrySize: Math.max(1, Math.floor(bytesMax / largestPart)),
    ttl: keptForMs,
    sizeCalculation: (bytes, key) => bytes.length + 2 * key.length,
  });
  const large = new LRUCache<string, AnyAnswer>({ max: 1, ttl: largeKeptForMs, ttlAutopurge: true });
  const work = new SharedWork<AnyResult>();
  let [hits, joined, misses] = [0, 0, 0];

  /** @returns null for a question whose answer changes with the present */
  function keyOf(question: QuestionOf<QuestionName>, caller: QueryCaller, planned: Moment | undefined): string | null {
    if (bytesMax === 0 || planned === undefined || !isSettled(question, planned)) return null;
    return JSON.stringify([planned.watermark, caller, question]);
  }

  function cachedAt(key: string, planned: Moment): AnyResult | null {
    const bytes = answers.get(key);
    const answer = bytes === undefined ? large.get(key) : (deserialize(bytes) as AnyAnswer);
    if (answer === undefined) return null;
    hits += 1;
    return ok(asOf(planned, answer));
  }

  async function computed(key: string, answer: () => Promise<AnyResult>, isKept: (found: AnyAnswer) => boolean): Promise<AnyResult> {
    misses += 1;
    const result = await answer();
    if (!result.ok || !isKept(result.value)) return result;
    if (partsOf(result.value, valuesMax) < valuesMax) answers.set(key, serialize(result.value));
    else large.set(key, result.value);
    return result;
  }

  return {
    known: (query) => ({
      async answer(question, caller, nowMs, signal, request, planned) {
        const key = keyOf(question, caller, planned);
        const found = key === null ? null : cachedAt(key, planned as Moment);
        return (found as never) ?? query.answer(question, caller, nowMs, signal, request, planned);
      },
    }),

    shared: (query) => ({
      async answer(question, caller, nowMs, signal, request, planned) {
        const key = keyOf(question, caller, planned);
        if (key === null || planned === undefined) return query.answer(question, caller, nowMs, signal, request, planned);
        const found = cachedAt(key, planned);
        if (found !== null) return found as never;
        // The state may have moved on meanwhile: those who wait for their turn since the watermark take a newer answer, but no older one.
        const isKept = ({ revision, freshness }: AnyAnswer) => revision >= planned.watermark.revision && isSettled(question, freshness);
        let isFirst = false;
        const start = (ending: AbortSignal) => {
          isFirst = true;
          return computed(key, () => query.answer(question, caller, nowMs, ending, request, planned) as Promise<AnyResult>, isKept);
        };
        const result = await work.join(key, start, signal);
        if (result === null) return failed({ kind: "cancelled" });
        if (!isFirst) joined += 1;
        return (isFirst || !result.ok || !isKept(result.value) ? result : ok(asOf(planned, result.value))) as never;
      },
    }),

    usage: () => ({ hits, joined, misses, bytes: answers.calculatedSize }),
  };
}

function isSettled(question: QuestionOf<QuestionName>, { asOfMs }: { readonly asOfMs: number }): boolean {
  return settledAtMs(question) <= asOfMs;
}

/** @returns the answer as it would be given at another moment: it has all that was acknowledged until then */
function asOf({ asOfMs }: Moment, answer: AnyAnswer): AnyAnswer {
  return { ...answer, freshness: { asOfMs } };
}
