import type { CheckResult } from "@trinity/http/health";
import type { IngestState } from "./ingest-client.ts";

/** Assigning shards takes seconds; after a minute without it the streams cannot be reached. */
const assignedWithinMs = 60_000;

export function sourceCheck(assignedAtMs: number | null, nowMs: number): CheckResult {
  if (assignedAtMs === null) return { ok: false, reason: "the tables have not been found yet" };
  return nowMs - assignedAtMs <= assignedWithinMs ? { ok: true } : { ok: false, reason: "the streams do not answer" };
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
