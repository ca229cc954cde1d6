import type { Outcome, Rejected } from "./outcome.ts";

/** The answer to `POST /v1/events`; every event of the request is in exactly one of the three. */
export type JsonAcknowledgement = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly JsonRejection[];
  /** Properties that an additive event type carried beyond its schema. */
  readonly droppedProperties?: number;
};

type JsonRejection = {
  readonly index: number;
  readonly eventId: string | null;
  readonly code: string;
  readonly path?: string;
  readonly message?: string;
};

/** The answer names every rejected event; it explains them until it has this many characters. */
const explanationCharsMax = 40 * 1024;

export function acknowledgeJson({ accepted, duplicates, rejected, droppedProperties }: Outcome): JsonAcknowledgement {
  let chars = 0;
  const explained = [...rejected]
    .sort((a, b) => a.index - b.index)
    .map(({ index, rejection: { eventId, code, path, message } }: Rejected): JsonRejection => {
      chars += path.length + message.length;
      return chars <= explanationCharsMax ? { index, eventId, code, path, message } : { index, eventId, code };
    });
  return { accepted, duplicates, rejected: explained, ...(droppedProperties === 0 ? {} : { droppedProperties }) };
}
