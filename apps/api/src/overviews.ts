import type { QuestionOf } from "@trinity/query/questions";

type Numbers = QuestionOf<"overview">["numbers"];

const daily = { granularity: "day" } as const;

/** What people do: who comes, who stays, and what a visit is like. */
export const behaviorOverview = {
  active_users: { metric: "active_users", ...daily },
  active_users_7d: { metric: "active_users", windowDays: 7, ...daily },
  active_users_30d: { metric: "active_users", windowDays: 30, ...daily },
  stickiness: { metric: "stickiness", ...daily },
  new_users: { metric: "new_users", ...daily },
  returning_users: { metric: "returning_users", ...daily },
  resurrected_users: { metric: "resurrected_users", ...daily },
  dormant_users: { metric: "dormant_users", ...daily },
  sessions: { metric: "sessions", ...daily },
  session_duration_mean: { metric: "session_duration" },
  session_duration_p50: { metric: "session_duration", statistic: "p50" },
  actions_per_session: { metric: "actions_per_session" },
  bounce_rate: { metric: "bounce_rate" },
  concurrent_sessions: { metric: "concurrent_sessions", ...daily },
  votes_per_user: { metric: "votes_per_user" },
  rooms_joined_per_user: { metric: "rooms_joined_per_user" },
  matches_per_user: { metric: "matches_per_user" },
} as const satisfies Numbers;

/** How the machines fare. */
export const systemOverview = {
  requests: { metric: "requests", granularity: "hour" },
  requests_by_service: { metric: "requests", by: ["service"] },
  error_rate: { metric: "error_rate", granularity: "hour" },
  error_rate_by_service: { metric: "error_rate", by: ["service"] },
  request_duration_p50: { metric: "request_duration", statistic: "p50" },
  request_duration_p90: { metric: "request_duration", statistic: "p90" },
  request_duration_p95: { metric: "request_duration", statistic: "p95" },
  request_duration_p99: { metric: "request_duration", statistic: "p99" },
  request_duration_p95_by_route: { metric: "request_duration", statistic: "p95", by: ["route"] },
  ingested_events: { metric: "ingested_events", by: ["outcome"] },
  ingest_freshness_p95: { metric: "ingest_freshness", statistic: "p95" },
  resource_usage_mean: { metric: "resource_usage", by: ["resource"] },
  resource_usage_p95: { metric: "resource_usage", statistic: "p95", by: ["resource"] },
} as const satisfies Numbers;

/** The numbers that a first look wants. */
export const dashboardOverview = {
  events: { metric: "events", ...daily },
  active_users: { metric: "active_users", ...daily },
  active_users_30d: { metric: "active_users", windowDays: 30, ...daily },
  stickiness: { metric: "stickiness", ...daily },
  new_users: { metric: "new_users", ...daily },
  sessions: { metric: "sessions", ...daily },
  session_duration_p50: { metric: "session_duration", statistic: "p50" },
  votes: { metric: "votes", ...daily },
  positive_rate: { metric: "positive_rate", ...daily },
  votes_by_genre: { metric: "votes", by: ["genre"] },
  rooms_created: { metric: "rooms_created", ...daily },
  rooms_ended: { metric: "rooms_ended", by: ["ending"] },
  consensus_rate: { metric: "consensus_rate", ...daily },
  time_to_consensus_p50: { metric: "time_to_consensus", statistic: "p50" },
  room_satisfaction: { metric: "room_satisfaction" },
  matches: { metric: "matches", ...daily },
  requests: { metric: "requests", ...daily },
  error_rate: { metric: "error_rate", ...daily },
  request_duration_p95: { metric: "request_duration", statistic: "p95" },
  ingest_freshness_p95: { metric: "ingest_freshness", statistic: "p95" },
} as const satisfies Numbers;
