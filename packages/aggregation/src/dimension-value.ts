import { findDefinition } from "@trinity/events/catalogue";
import { qualifyContentId } from "@trinity/events/content-id";
import { span } from "@trinity/events/families/system";
import { mediaType, releaseYear, seats } from "@trinity/events/property-types";
import { watchedResources } from "@trinity/events/watched-metric";
import { activityTiers } from "./activity-tier.ts";
import { parseCohort } from "./cohort.ts";
import { type DimensionName, unknownValue } from "./dimension.ts";
import { roomEndings } from "./entities/room.ts";
import { outcomes } from "./log-chunk.ts";
import type { UserAttribute } from "./segment.ts";

/** What a value must be so that a fact can have it at all. */
type ValueRule = {
  readonly allows: (value: string) => boolean;
  /** Follows the name of the dimension: `must be ...`. */
  readonly says: string;
};

/** Senders choose these values: nothing is known of what they may be. */
const free = null;

const valueRules: Readonly<Record<DimensionName | UserAttribute, ValueRule | typeof free>> = {
  eventType: { allows: isEventType, says: "must be an event type of the catalogue, not an alias" },
  platform: free,
  deviceType: free,
  locale: free,
  appVersion: free,
  source: free,
  ageBand: free,
  favouriteGenre: free,
  genre: free,
  mediaType: orUnknown(oneOf(mediaType.options)),
  releaseDecade: orUnknown({ allows: isDecade, says: "must be a decade such as 1990s" }),
  contentId: orUnknown({ allows: isTitle, says: "must be the id of a title, such as movie:862 or tv:1399, without spaces" }),
  recommended: orUnknown(oneOf(["true", "false"])),
  roomSize: orUnknown({
    allows: (value) => isWhole(value) && seats.safeParse(Number(value)).success,
    says: "must be a whole number from 1 to 1000",
  }),
  ending: oneOf(roomEndings),
  service: free,
  route: free,
  statusClass: orUnknown(oneOf(span.fields.statusClass.schema.unwrap().options)),
  resource: orUnknown(oneOf(watchedResources)),
  outcome: oneOf(outcomes),
  reason: free,
  hourOfDay: { allows: (value) => isWhole(value) && Number(value) <= 23, says: "must be a whole number from 0 to 23" },
  weekday: { allows: (value) => /^[1-7]$/.test(value), says: "must be a number from 1 (Monday) to 7 (Sunday)" },
  cohort: {
    allows: (value) => parseCohort(value) !== null,
    says: "must be a month such as 2026-11 or an ISO week that there is, such as 2026-W48",
  },
  activityTier: oneOf(activityTiers),
};

/** @returns why no fact and no user can ever have a value, in words that say what can be; `null` where one could */
export function valueProblem(name: DimensionName | UserAttribute, value: string): string | null {
  const rule = valueRules[name];
  return rule === free || rule.allows(value) ? null : `${name} ${rule.says}`;
}

function oneOf(values: readonly string[]): ValueRule {
  return { allows: (value) => values.includes(value), says: `must be one of ${values.join(", ")}` };
}

function orUnknown({ allows, says }: ValueRule): ValueRule {
  return { allows: (value) => value === unknownValue || allows(value), says: `${says}, or ${unknownValue}` };
}

function isEventType(value: string): boolean {
  return findDefinition(value)?.eventType === value;
}

function isWhole(value: string): boolean {
  return /^(0|[1-9]\d{0,3})$/.test(value);
}

function isDecade(value: string): boolean {
  return /^\d{3}0s$/.test(value) && releaseYear.safeParse(Number(value.slice(0, 4))).success;
}

// A bare number is no title: films and series are numbered separately. One that is qualified when it is read may be longer than it was sent.
function isTitle(value: string): boolean {
  return /^[\x21-\x7e]{1,70}$/.test(value) && qualifyContentId(value, undefined) !== null;
}
