import { type MetricAnswer, totalOf } from "@trinity/aggregation/answer";
import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import { type NamedPlans, namedAnswers, planNamed } from "../reads/named-metrics.ts";
import { type Asked, type MetricFacts, readMetrics } from "../reads/read-metrics.ts";

type Numbers = Readonly<Record<string, number | null>>;
export type LiveMetrics = {
  /** Since midnight UTC. */
  readonly today: Numbers;
  /** The 60 minutes up to now, the present one included. */
  readonly last60Minutes: Numbers;
};

const hourly = {
  events: { metric: "events" },
  votes: { metric: "votes" },
  positive_rate: { metric: "positive_rate" },
  rooms_created: { metric: "rooms_created" },
  matches: { metric: "matches" },
  requests: { metric: "requests" },
  request_duration_p95: { metric: "request_duration", statistic: "p95" },
  ingest_freshness_p95: { metric: "ingest_freshness", statistic: "p95" },
} as const satisfies Readonly<Record<string, Asked>>;

const { events, ...others } = hourly;
/** Distinct users are kept by the hour, so there is no exact count of the last 60 minutes of them. */
const daily = { events, active_users: { metric: "active_users" }, ...others } as const;

type Plan = { readonly today: NamedPlans<keyof typeof daily>; readonly last60Minutes: NamedPlans<keyof typeof hourly> };

/** The numbers of the live feed, all of one moment. */
export const liveMetrics: QuestionKind<object, Plan, MetricFacts, LiveMetrics> = {
  permission: "live:read",
  overflowCheck: null,

  plan(_question, moment) {
    const dayStartMs = bucketStart("day", moment.nowMs);
    const minuteEndMs = bucketStart("minute", moment.nowMs) + tierMs.minute;
    // All of today, ahead included: one cell answers it.
    const today = planNamed(scopeOf(dayStartMs, dayStartMs + tierMs.day), daily, moment);
    if (!today.ok) return today;
    const last60Minutes = planNamed(scopeOf(minuteEndMs - tierMs.hour, minuteEndMs), hourly, moment);
    return last60Minutes.ok ? ok({ today: today.value, last60Minutes: last60Minutes.value }) : last60Minutes;
  },

  read: ({ today, last60Minutes }, reader) => readMetrics([...today.plans, ...last60Minutes.plans], reader),

  compute({ today, last60Minutes }, facts) {
    const ofToday = namedAnswers(today, facts);
    const ofLastHour = namedAnswers(last60Minutes, facts.slice(today.plans.length));
    return ok({ today: numbersOf(ofToday), last60Minutes: numbersOf(ofLastHour) });
  },
};

function scopeOf(fromMs: number, toMs: number) {
  return { fromMs, toMs, timeZone: "UTC", filters: [] };
}

function numbersOf(answers: Readonly<Record<string, MetricAnswer>>): Numbers {
  return Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, totalOf(answer).value]));
}
