import type { ReportedEvent } from "@trinity/events/event";
import { type ParseRules, parseEvent } from "@trinity/events/parse-event";
import type { Decoded, Rejected, Validated } from "./outcome.ts";

/** Validates every candidate against the catalogue. One bad event never fails its batch. */
export function validate({ candidates, unreadable, warning }: Decoded, rules: ParseRules): Validated {
  const events: ReportedEvent[] = [];
  const indexes: number[] = [];
  const rejected: Rejected[] = [...unreadable];
  let droppedProperties = 0;
  for (const { index, value } of candidates) {
    const parsed = parseEvent(value, rules);
    if (parsed.ok) {
      events.push(parsed.event);
      indexes.push(index);
      droppedProperties += parsed.droppedProperties;
    } else rejected.push({ index, source: sourceOf(value), rejection: parsed.rejection });
  }
  return { events, indexes, rejected, droppedProperties, ...(warning === undefined ? {} : { warning }) };
}

const sourceForm = /^[a-z][a-z0-9_-]{0,31}$/;

/** Rejections are counted by source too, and a rejected event may name any. */
function sourceOf(candidate: unknown): string {
  const source = (candidate as { source?: { system?: unknown } } | null)?.source?.system;
  return typeof source === "string" && sourceForm.test(source) ? source : "unknown";
}
