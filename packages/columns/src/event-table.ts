import { valueSeparator } from "@trinity/aggregation/cell";
import type { StoredEvent } from "@trinity/events/event";
import { mediaTypeOfId } from "./dimension-sql.ts";
import { isProductType } from "./event-type-sql.ts";
import type { Column, LogTable } from "./log-table.ts";
import { text } from "./sql-text.ts";

/** An event and where it is in the log. `userNumber` is that of its user; null without one. */
export type PlacedEvent = {
  /** The number of its chunk. */
  readonly seq: number;
  /** Its index among the events of the chunk. */
  readonly index: number;
  readonly userNumber: number | null;
  readonly event: StoredEvent;
};

const column = (name: string, type: string, from: string): Column => ({ name, type, from });
const ofEvent = (name: string, type: string, field = name) => column(name, type, `event.${field}`);
const ofContext = (name: string) => column(name, "VARCHAR", `event.context->>'$.${name}'`);

/** Properties that questions filter and group by. The catalogue has one type for each name; a test compares. */
export const propertyTypes = {
  contentId: "VARCHAR",
  vote: "VARCHAR",
  genres: "VARCHAR[]",
  mediaType: "VARCHAR",
  releaseYear: "INTEGER",
  recommended: "BOOLEAN",
  screen: "VARCHAR",
  service: "VARCHAR",
  route: "VARCHAR",
  statusClass: "VARCHAR",
  kind: "VARCHAR",
  failed: "BOOLEAN",
  durationUs: "BIGINT",
  seats: "INTEGER",
  titleCount: "BIGINT",
  level: "VARCHAR",
} as const;

/** A title's id says its type where the event does not. */
function saidOf(property: string): string {
  return property === "mediaType" ? `coalesce(said.mediaType, ${mediaTypeOfId("said.contentId")})` : `said.${property}`;
}

/** The columns of an event. The last ones keep what has no column of its own, as the JSON of the log. */
const columns: readonly Column[] = [
  column("seq", "BIGINT", "seq"),
  column("index", "INTEGER", '"index"'),
  column("userNumber", "INTEGER", "userNumber"),
  ofEvent("eventId", "VARCHAR"),
  ofEvent("eventType", "VARCHAR"),
  ofEvent("atMs", "BIGINT", "timestampMs"),
  ofEvent("receivedAtMs", "BIGINT"),
  ofEvent("userId", "VARCHAR"),
  ofEvent("roomId", "VARCHAR"),
  ofEvent("sessionId", "VARCHAR"),
  ...["platform", "deviceType", "locale", "appVersion", "ageBand"].map(ofContext),
  column("source", "VARCHAR", "event.source->>'$.system'"),
  ...Object.entries(propertyTypes).map(([name, type]) => column(name, type, saidOf(name))),
  // Groups of texts take half as long as those of lists.
  column("genreText", "VARCHAR", `nullif(array_to_string(said.genres, ${text(valueSeparator)}), '')`),
  // Whether it belongs to a session that is inferred. Few do, and to find none in three columns takes four times as long.
  column("sessionless", "BOOLEAN", `event.sessionId IS NULL AND userNumber IS NOT NULL AND ${isProductType("event.eventType")}`),
  column("orderNumber", "BIGINT", "coalesce(event.sequence, (event.position->>'$.index')::BIGINT, 0)"),
  ofEvent("sequence", "BIGINT"),
  ofEvent("position", "JSON"),
  ofEvent("propertiesJson", "JSON", "properties"),
  ofEvent("contextJson", "JSON", "context"),
  ofEvent("sourceJson", "JSON", "source"),
];

const eventShape = {
  eventId: "VARCHAR",
  eventType: "VARCHAR",
  timestampMs: "BIGINT",
  receivedAtMs: "BIGINT",
  userId: "VARCHAR",
  roomId: "VARCHAR",
  sessionId: "VARCHAR",
  sequence: "BIGINT",
  position: "JSON",
  properties: "JSON",
  context: "JSON",
  source: "JSON",
};
const rowShape = { seq: "BIGINT", index: "INTEGER", userNumber: "INTEGER", event: eventShape };
const propertyShape = Object.fromEntries(
  Object.entries(propertyTypes).map(([name, type]) => [name, type.endsWith("[]") ? [type.slice(0, -2)] : type]),
);

export const eventTable: LogTable = {
  name: "event",
  columns,
  rowShape,
  propertyShape,
  firstMs: "atMs",
  lastMs: "atMs",
  // Events of a user stand together, in order of time: so most columns repeat, and a user is found in few pages.
  sortOrder: 'userNumber, atMs, seq, "index"',
};
