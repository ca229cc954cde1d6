import { trafficRange } from "./dashboard-traffic.ts";

/** A question that no rollup covers whole, as users ask it. `body`: asked by POST. */
export type LogQuestion = { readonly name: string; readonly path: string; readonly body?: string };

const days = (from: number, to: number) => ({
  from: new Date(trafficRange.fromMs + from * 86_400_000).toISOString(),
  to: new Date(trafficRange.fromMs + to * 86_400_000).toISOString(),
});
const month = days(0, 30);
/** The ends of both lie within a minute. */
const oddMonth = days(0.137_3, 29.653_9);
const oddWeek = days(9.137_3, 17.441_2);

function get(name: string, path: string, parameters: Readonly<Record<string, string>>): LogQuestion {
  return { name, path: `/api/v1/${path}?${new URLSearchParams(parameters)}` };
}

function post(name: string, path: string, body: Readonly<Record<string, unknown>>): LogQuestion {
  return { name, path: `/api/v1/${path}`, body: JSON.stringify(body) };
}

/** Answered from rollups: what the others must not hold up. */
export const cheapQuestion = get("events by day (rollups)", "metrics/events", { ...month, granularity: "day" });

export const logQuestions: readonly LogQuestion[] = [
  get("overview of a month with odd ends, beside the period before", "dashboard/overview", oddMonth),
  get("system/performance of the same month", "system/performance", oddMonth),
  get("events by day in Asia/Kolkata", "metrics/events", { ...month, granularity: "day", tz: "Asia/Kolkata" }),
  get("active users by day in Asia/Kolkata", "metrics/active_users", { ...month, granularity: "day", tz: "Asia/Kolkata" }),
  get("sessions by day in Asia/Kolkata", "metrics/sessions", { ...month, granularity: "day", tz: "Asia/Kolkata" }),
  get("votes of a segment by day", "metrics/votes", { ...month, granularity: "day", segment: "favouriteGenre:comedy" }),
  get("votes by genre and platform, one filter", "metrics/votes", { ...month, by: "genre,platform", filter: "mediaType:movie" }),
  get("events of 8.3 days with odd ends", "metrics/events", { ...oddWeek, granularity: "total" }),
  get("rows behind votes, first page", "explore/events", { ...month, metric: "votes" }),
  get("rooms/abandonment", "rooms/abandonment", month),
  get("content/performance", "content/performance", month),
  get("retention by week", "users/retention", { ...month, cohort: "week" }),
  post("funnel of three steps", "funnels/query", { ...month, steps: ["room_created", "vote_content", "match_found"] }),
  post("paths of depth 5", "paths/query", { ...month, depth: 5 }),
];
