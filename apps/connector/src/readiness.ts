import type { CheckResult } from "@trinity/http/health";
import type { IngestState } from "./ingest-client.ts";

/** Attending to the streams takes seconds; a minute without it means that they cannot be reached. */
const attendedWithinMs = 60_000;

export function sourceCheck(attendedAtMs: number | null, nowMs: number): CheckResult {
  if (attendedAtMs === null) return { ok: false, reason: "the tables have not been found yet" };
  return nowMs - attendedAtMs <= attendedWithinMs ? { ok: true } : { ok: false, reason: "the streams do not answer" };
}

const reasonOf = {
  untried: null,
  taking: null,
  busy: "ingest does not take events now",
  unreachable: "ingest does not answer",
  key_refused: "ingest refuses the key",
} as const satisfies Record<IngestState, string | null>;

export function ingestCheck(state: IngestState): CheckResult {
  const reason = reasonOf[state];
  return reason === null ? { ok: true } : { ok: false, reason };
}
