import { question } from "@trinity/aggregation/folded-world";
import { cohortUnits, retentionKinds } from "@trinity/aggregation/retention";
import { roomDimensions } from "@trinity/aggregation/room-scope";
import { anySegment } from "@trinity/aggregation/world-arbitrary";
import fc from "fast-check";
import type { QuestionName, QuestionOf } from "./questions.ts";

const dayMs = 86_400_000;

/** Questions of most kinds about the days around an instant. */
export function anyQuestion(aroundMs: number): fc.Arbitrary<QuestionOf<QuestionName>> {
  const anyRange = fc
    .record({ fromDay: fc.integer({ min: -3, max: 1 }), days: fc.integer({ min: 1, max: 4 }) })
    .map(({ fromDay, days }) => ({ fromMs: aroundMs + fromDay * dayMs, toMs: aroundMs + (fromDay + days) * dayMs }));
  const anyScope = fc
    .record({ range: anyRange, timeZone: fc.constantFrom("UTC", "Asia/Kolkata") })
    .map(({ range, timeZone }) => ({ ...range, timeZone, filters: [] }));
  const anyLimit = fc.integer({ min: 1, max: 5 });
  const scoped = <Name extends QuestionName>(kind: Name, more: Omit<QuestionOf<Name>, "kind" | "scope">) =>
    anyScope.map((one) => ({ kind, scope: one, ...more }) as unknown as QuestionOf<QuestionName>);
  const steps = ["join_room", "vote_content"];
  return fc.oneof(
    scoped("overview", { numbers: { votes: { metric: "votes", granularity: "day" }, active: { metric: "active_users" } } }),
    anyRange.map((range) => ({ kind: "funnel", steps, windowMs: dayMs, order: "ordered", hold: null, filters: [], ...range }) as const),
    anyRange.map(
      (range) => ({ kind: "paths", by: "eventType", start: null, end: null, depth: 4, nodesMax: 3, filters: [], ...range }) as const,
    ),
    fc
      .record({ one: anyScope, cohort: fc.constantFrom(...cohortUnits), retentionKind: fc.constantFrom(...retentionKinds) })
      .map(({ one, ...asked }) => ({ kind: "retention", ...asked, ...one, periods: 3 }) as const),
    fc.record({ one: anyScope, segment: anySegment }).map(({ one: { filters: _, ...range }, segment }) => ({
      kind: "segment" as const,
      ...range,
      segment,
    })),
    fc.record({ one: anyScope, limit: anyLimit }).map(({ one, limit }) => {
      const { granularity: _, by: __, ...query } = question({ metric: "votes", ...one });
      return { kind: "rows" as const, ...query, side: null, limit, cursor: null };
    }),
    fc.constantFrom(...roomDimensions).chain((by) => scoped("roomComparison", { by })),
    scoped("roomSurvival", { by: "mediaType" }),
    scoped("roomPerformance", {}),
    anyLimit.chain((limit) => scoped("roomAbandonment", { limit })),
    scoped("roomRecommendations", {}),
    scoped("contentPreferences", { by: "weekday" }),
    anyLimit.chain((limit) => scoped("contentPerformance", { sort: "votes", limit })),
    anyLimit.chain((limit) => scoped("contentTrends", { by: "genre", limit })),
    anyLimit.chain((limit) => scoped("contentRejections", { limit })),
    fc.constantFrom({ kind: "ingestion" } as const, { kind: "verification" } as const),
    fc.integer({ min: 0, max: 5 }).map((seq) => ({ kind: "newEvents", afterSeq: seq }) as const),
  );
}
