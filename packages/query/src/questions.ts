import type { Permission } from "@trinity/auth/role";
import { contentPerformance } from "./kinds/content-performance.ts";
import { contentPreferences } from "./kinds/content-preferences.ts";
import { contentRejections } from "./kinds/content-rejections.ts";
import { contentTrends } from "./kinds/content-trends.ts";
import { funnel } from "./kinds/funnel.ts";
import { ingestion } from "./kinds/ingestion.ts";
import { liveMetrics } from "./kinds/live-metrics.ts";
import { metric } from "./kinds/metric.ts";
import { metrics } from "./kinds/metrics.ts";
import { newEvents } from "./kinds/new-events.ts";
import { overview } from "./kinds/overview.ts";
import { paths } from "./kinds/paths.ts";
import { retention } from "./kinds/retention.ts";
import { room } from "./kinds/room.ts";
import { roomAbandonment } from "./kinds/room-abandonment.ts";
import { roomComparison } from "./kinds/room-comparison.ts";
import { roomPerformance } from "./kinds/room-performance.ts";
import { roomRecommendations } from "./kinds/room-recommendations.ts";
import { roomSurvival } from "./kinds/room-survival.ts";
import { rows } from "./kinds/rows.ts";
import { segment } from "./kinds/segment.ts";
import { verification } from "./kinds/verification.ts";
import type { QuestionKind } from "./question-kind.ts";

/** Every kind of question, by the name that a question gives as its `kind`. */
export const questionKinds = {
  metric,
  metrics,
  overview,
  funnel,
  paths,
  retention,
  segment,
  rows,
  newEvents,
  liveMetrics,
  room,
  roomSurvival,
  roomPerformance,
  roomComparison,
  roomAbandonment,
  roomRecommendations,
  contentPreferences,
  contentPerformance,
  contentTrends,
  contentRejections,
  ingestion,
  verification,
} as const;

export type QuestionName = keyof typeof questionKinds;
type KindOf<Name extends QuestionName> = (typeof questionKinds)[Name];

/** A question is a value: its kind, and what the kind takes. */
export type QuestionOf<Name extends QuestionName> = { readonly kind: Name } & Parameters<KindOf<Name>["plan"]>[0];
export type DataOf<Name extends QuestionName> =
  KindOf<Name> extends QuestionKind<never, infer _Plan, infer _Facts, infer Data> ? Data : never;

/**
 * @returns from when on the present makes no difference to the data of the answer, in Unix milliseconds: then equal revisions mean equal data.
 * Infinity where it always may
 */
export function settledAtMs(question: QuestionOf<QuestionName>): number {
  const kind = questionKinds[question.kind] as { settledAtMs?(question: QuestionOf<QuestionName>): number };
  return kind.settledAtMs?.(question) ?? Number.POSITIVE_INFINITY;
}

/** @returns what a caller must be allowed to do to ask questions of a kind */
export function permissionOf(name: QuestionName): Permission {
  return questionKinds[name].permission;
}
