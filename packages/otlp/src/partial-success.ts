import type { OtlpBatch, OtlpSignal } from "./otlp-records.ts";
import type { PartialSuccess } from "./otlp-response.ts";

/** What the catalogue refused after the records themselves were well formed. */
export type EventRejections = { readonly count: number; readonly firstMessage: string | undefined };

const none: EventRejections = { count: 0, firstMessage: undefined };

/**
 * The answer to one decoded request: exact in its count, with the first reason of each stage, and a warning where keys were ignored.
 * @param refused records that became events, which then were refused
 */
export function partialSuccessOf(batch: OtlpBatch<OtlpSignal>, refused: EventRejections = none): PartialSuccess {
  const { rejections, ignoredKeys } = batch;
  const reasons = [rejections.firstMessage, refused.firstMessage].filter((reason) => reason !== undefined);
  if (ignoredKeys > 0) reasons.push(`${ignoredKeys} JSON keys are unknown to OTLP here and were ignored; its keys are in lowerCamelCase`);
  return { rejectedCount: rejections.count + refused.count, errorMessage: reasons.join("; ") };
}
