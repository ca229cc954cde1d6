import { findDefinition } from "@trinity/events/catalogue";
import type { StoredEvent } from "@trinity/events/event";
import { binOf } from "../histogram.ts";
import { allTiers, defineMeasure, type Measure } from "../measure.ts";
import { observedResource, resourceAmounts } from "../resource.ts";
import { isTelemetry } from "../telemetry-event.ts";
import type { Amounts } from "../vector.ts";
import { contextSets } from "./context-sets.ts";

/** A measure whose contributions come from single events. */
export type EventMeasure = Measure & {
  /**
   * @param userNumber the number of a user; called only by measures whose components are users
   * @returns what the event adds, `null` for an event that does not count
   */
  readonly amountsOf: (event: StoredEvent, userNumber: (userId: string) => number) => Amounts | null;
};

// There are very many titles, and no query for a single title needs a finer tier than the day.
const titlesByDay = (dimensions: readonly string[]) => (dimensions.includes("contentId") ? (["day"] as const) : allTiers);

/** All events but telemetry; component 0 counts them. Events of one type are counted by a filter on `eventType`. */
export const eventMeasure: EventMeasure = {
  ...defineMeasure("event", "events", [["eventType"], ...contextSets, ...contextSets.map((names) => ["eventType" as const, ...names])], {
    perUser: true,
  }),
  amountsOf: (event) => (isTelemetry(event) ? null : [0, 1]),
};

/** Distinct active users: one component for each user, with the number of actions, so that single events can be removed again. */
export const userActivityMeasure: EventMeasure = {
  ...defineMeasure("user_activity", "events", [["eventType"], ...contextSets], {
    perUser: true,
    components: "users",
    tiers: () => ["hour", "day"],
  }),
  amountsOf: (event, userNumber) => (event.userId !== null && isUserAction(event) ? [userNumber(event.userId), 1] : null),
};

/** `recommendedLike` and `recommended` count votes on recommended titles; these votes count in the first three components as well. */
export const voteComponent = { like: 0, dislike: 1, skip: 2, recommendedLike: 3, recommended: 4 } as const;

export const voteMeasure: EventMeasure = {
  ...defineMeasure(
    "vote",
    "events",
    [
      ["genre"],
      ["mediaType"],
      ["releaseDecade"],
      ["contentId"],
      ["recommended"],
      ...contextSets,
      ["genre", "mediaType"],
      ["genre", "platform"],
    ],
    { perUser: true, tiers: titlesByDay },
  ),
  amountsOf: (event) => {
    if (event.eventType !== "vote_content") return null;
    const vote = event.properties.vote as keyof typeof voteAmounts;
    return (event.properties.recommended === true ? recommendedVoteAmounts : voteAmounts)[vote];
  },
};
const { like, dislike, skip, recommendedLike, recommended } = voteComponent;
const voteAmounts = { like: [like, 1], dislike: [dislike, 1], skip: [skip, 1] } as const;
const recommendedVoteAmounts = {
  like: [like, 1, recommendedLike, 1, recommended, 1],
  dislike: [dislike, 1, recommended, 1],
  skip: [skip, 1, recommended, 1],
} as const;

/** Titles shown on a card or on their own page. */
export const contentViewMeasure: EventMeasure = {
  ...defineMeasure("content_view", "events", [["genre"], ["mediaType"], ["releaseDecade"], ["contentId"], ...contextSets], {
    perUser: true,
    tiers: titlesByDay,
  }),
  amountsOf: ({ eventType }) => (eventType === "title_shown" || eventType === "media_viewed" ? [0, 1] : null),
};

export const matchMeasure: EventMeasure = {
  ...defineMeasure("match", "events", [["genre"], ["mediaType"], ["contentId"], ["source"]], { tiers: titlesByDay }),
  amountsOf: (event) => (event.eventType === "match_found" ? [0, 1] : null),
};

/** Requests that servers answered, from their spans; durations in microseconds. */
export const requestComponent = { requests: 0, errors: 1, durationSumUs: 2, durationBin0: 16 } as const;

export const requestMeasure: EventMeasure = {
  ...defineMeasure("request", "events", [["service"], ["route"], ["statusClass"], ["service", "route"], ["service", "statusClass"]], {
    subject: "system",
  }),
  amountsOf: (event) => {
    if (event.eventType !== "span" || event.properties.kind !== "server") return null;
    const durationUs = event.properties.durationUs as number;
    const { requests, errors, durationSumUs, durationBin0 } = requestComponent;
    return [requests, 1, errors, event.properties.failed === true ? 1 : 0, durationSumUs, durationUs, durationBin0 + binOf(durationUs), 1];
  },
};

/** Resource use that processes and hosts report, in millionths of the unit of the resource. */
export const resourceMeasure: EventMeasure = {
  ...defineMeasure("resource", ["events", "observation", "stream"], [["resource"], ["service"], ["resource", "service"]], {
    subject: "system",
  }),
  amountsOf: (event) => {
    const observed = observedResource(event);
    if (observed === null) return null;
    return resourceAmounts(observed);
  },
};

export const eventMeasures: readonly EventMeasure[] = [
  eventMeasure,
  userActivityMeasure,
  voteMeasure,
  contentViewMeasure,
  matchMeasure,
  requestMeasure,
  resourceMeasure,
];

const userActions = new Map<string, boolean>();
function isUserAction(event: StoredEvent): boolean {
  let known = userActions.get(event.eventType);
  if (known === undefined) userActions.set(event.eventType, (known = findDefinition(event.eventType)?.userAction ?? false));
  return known;
}
