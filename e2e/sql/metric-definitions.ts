/**
 * How each metric is counted. `facts` is a query over the tables of the facts: one row a fact, with `atMs`, a column for each dimension,
 * and its values. The kinds differ in the values and in how they make a bucket:
 * - `count`: the sum of `n`.
 * - `ratio`: the sum of `n` over the sum of `d`.
 * - `duration`: `n` observations of the integer `v`, shown divided by `per`.
 * - `distinct`: the different `userId`s, in the bucket or in the window that ends with it.
 * - `per_user`: the sum of `n` over the distinct active users.
 * - `lifecycle`: active users of the bucket and of the period before it, combined by `is`.
 * - `stickiness`, `concurrency`, `satisfaction`: see the files of these names.
 */
export type MetricDefinition = (
  | { readonly kind: "count" | "ratio" | "distinct" | "per_user" | "stickiness" | "concurrency" | "satisfaction" }
  | { readonly kind: "duration"; readonly per: number }
  /**
   * A condition on `now`, `before` (active in the bucket, in the period before it), `isNew` (first event ever in the bucket) and `hasBegun`
   * (the bucket).
   */
  | { readonly kind: "lifecycle"; readonly is: string }
) & {
  readonly facts: string;
  /** True if the time of the facts may still move: only those before the present minute count. */
  readonly isProvisional?: true;
};

const votes = "happening where eventType = 'vote_content'";
const likesOfVotes = "*, liked::int as n, 1 as d";

const creations = (columns: string) => `select createdMs as atMs, *, ${columns} from room where createdMs is not null`;
const starts = (columns: string) => `select startMs as atMs, *, ${columns} from room where startMs is not null`;
const ends = (columns: string) => `select endMs as atMs, *, ${columns} from room`;

export const metricDefinitions: Readonly<Record<string, MetricDefinition>> = {
  events: { kind: "count", facts: "select *, 1 as n from happening" },
  active_users: { kind: "distinct", facts: "from deed" },
  new_users: { kind: "count", facts: "select *, 1 as n from newcomer" },
  returning_users: { kind: "lifecycle", facts: "from deed", is: "now and before" },
  dormant_users: { kind: "lifecycle", facts: "from deed", is: "before and not now and hasBegun" },
  resurrected_users: { kind: "lifecycle", facts: "from deed", is: "now and not before and not isNew" },
  stickiness: { kind: "stickiness", facts: "from deed" },
  votes_per_user: { kind: "per_user", facts: `select *, 1 as n from ${votes}` },
  rooms_joined_per_user: { kind: "per_user", facts: "select *, 1 as n from happening where eventType = 'join_room'" },
  matches_per_user: { kind: "per_user", facts: "select *, 1 as n from happening where eventType = 'match_found'" },

  sessions: { kind: "count", facts: "select *, 1 as n from visit" },
  session_duration: { kind: "duration", per: 1, facts: "select *, endMs - atMs as v, 1 as n from visit" },
  actions_per_session: { kind: "ratio", facts: "select *, events as n, 1 as d from visit" },
  bounce_rate: { kind: "ratio", facts: "select *, (events = 1)::int as n, 1 as d from visit" },
  concurrent_sessions: { kind: "concurrency", facts: "from visit" },

  votes: { kind: "count", facts: `select *, 1 as n from ${votes}` },
  positive_rate: { kind: "ratio", facts: `select ${likesOfVotes} from ${votes}` },
  recommendation_acceptance: { kind: "ratio", facts: `select ${likesOfVotes} from ${votes} and recommended = 'true'` },
  matches: { kind: "count", facts: "select *, 1 as n from happening where eventType = 'match_found'" },
  new_titles: { kind: "count", facts: "select *, 1 as n from discovery" },
  content_views: { kind: "count", facts: "select *, 1 as n from happening where eventType in ('title_shown', 'media_viewed')" },
  matching_power: { kind: "ratio", facts: "select *, matched::int as n, 1 as d from encounter" },

  rooms_created: { kind: "count", facts: creations("1 as n") },
  seat_fill_rate: { kind: "ratio", facts: `${creations("least(members, seats) as n, seats as d")} and seats is not null` },
  participation_rate: { kind: "ratio", facts: creations("membersWhoVoted as n, members as d") },
  votes_per_member: { kind: "ratio", facts: creations("votes as n, voters as d") },
  votes_per_match: { kind: "ratio", facts: creations("votes as n, matches as d") },
  content_discovery_rate: { kind: "ratio", facts: creations("titlesVoted as n, titlesOffered as d") },
  rooms_started: { kind: "count", facts: starts("1 as n") },
  match_success_rate: { kind: "ratio", facts: starts("(matches > 0)::int as n, 1 as d") },
  rooms_ended: { kind: "count", isProvisional: true, facts: ends("1 as n") },
  consensus_rate: { kind: "ratio", isProvisional: true, facts: ends("(ending = 'consensus')::int as n, 1 as d") },
  time_to_consensus: {
    kind: "duration",
    per: 1,
    isProvisional: true,
    facts: `${ends("greatest(0, agreedMs - startMs) as v, 1 as n")} where ending = 'consensus' and startMs is not null`,
  },
  room_duration: {
    kind: "duration",
    per: 1,
    isProvisional: true,
    facts: `${ends("greatest(0, endMs - createdMs) as v, 1 as n")} where createdMs is not null`,
  },
  dropout_rate: { kind: "ratio", isProvisional: true, facts: ends("dropouts as n, members as d") },
  match_quality: {
    kind: "ratio",
    isProvisional: true,
    facts: `${ends("matchedLikes as n, matchedVotes as d")} where ending = 'consensus'`,
  },
  room_satisfaction: { kind: "satisfaction", isProvisional: true, facts: "select endMs as atMs, * from room" },

  requests: { kind: "count", facts: "select *, 1 as n from request" },
  request_errors: { kind: "count", facts: "select *, failed::int as n from request" },
  error_rate: { kind: "ratio", facts: "select *, failed::int as n, 1 as d from request" },
  request_duration: { kind: "duration", per: 1_000, facts: "select *, durationUs as v, 1 as n from request" },
  ingested_events: {
    kind: "count",
    facts: "select receivedAtMs as atMs, source, outcome, coalesce(reason, 'unknown') as reason, n from receipt",
  },
  ingest_freshness: {
    kind: "duration",
    per: 1,
    facts: "select foldedAtMs as atMs, greatest(0, foldedAtMs - receivedAtMs) as v, events as n from chunk where events > 0",
  },
  resource_usage: { kind: "duration", per: 1_000_000, facts: "select *, millionths as v from reading" },
};
