import type { StoredEvent } from "@trinity/events/event";
import type { DimensionName, Dimensions } from "./dimension.ts";
import { resourceOf } from "./resource.ts";

type Writable<Value> = { -readonly [Name in keyof Value]: Value[Name] };

/** @returns all dimensions of an event itself */
export function dimensionsOfEvent(event: StoredEvent): Dimensions {
  const dimensions: Writable<Dimensions> = { eventType: event.eventType };
  addContext(dimensions, event);
  addTitle(dimensions, event);
  const { recommended, service, route, statusClass } = event.properties;
  if (typeof recommended === "boolean") dimensions.recommended = String(recommended);
  if (typeof service === "string") dimensions.service = service;
  if (typeof route === "string") dimensions.route = route;
  if (typeof statusClass === "string") dimensions.statusClass = statusClass;
  const resource = resourceOf(event);
  if (resource !== undefined) dimensions.resource = resource;
  return dimensions;
}

/** The dimensions of user and client. An entity has those of its first event. */
export const contextNames = [
  "platform",
  "deviceType",
  "locale",
  "appVersion",
  "source",
  "ageBand",
] as const satisfies readonly DimensionName[];
export type EventContext = Pick<Dimensions, (typeof contextNames)[number]>;

export function contextOf(event: StoredEvent): EventContext {
  const context: Writable<EventContext> = {};
  addContext(context, event);
  return context;
}

function addContext(dimensions: Writable<EventContext>, { context, source }: StoredEvent): void {
  const { platform, deviceType, locale, appVersion, ageBand } = context;
  if (platform !== undefined) dimensions.platform = platform;
  if (deviceType !== undefined) dimensions.deviceType = deviceType;
  if (locale !== undefined) dimensions.locale = locale;
  if (appVersion !== undefined) dimensions.appVersion = appVersion;
  if (ageBand !== undefined) dimensions.ageBand = ageBand;
  dimensions.source = source.system;
}

/** The dimensions of a title, from an event about it. */
export type TitleDimensions = Pick<Dimensions, "contentId" | "genre" | "mediaType" | "releaseDecade">;

export function titleDimensionsOf(event: StoredEvent): TitleDimensions {
  const title: Writable<TitleDimensions> = {};
  addTitle(title, event);
  return title;
}

function addTitle(dimensions: Writable<TitleDimensions>, { properties }: StoredEvent): void {
  const { contentId, genres, mediaType, releaseYear } = properties;
  if (typeof contentId === "string") dimensions.contentId = contentId;
  if (Array.isArray(genres)) dimensions.genre = distinct(genres);
  const media = typeof mediaType === "string" ? mediaType : mediaTypeOf(contentId);
  if (media !== undefined) dimensions.mediaType = media;
  if (typeof releaseYear === "number") dimensions.releaseDecade = `${Math.floor(releaseYear / 10) * 10}s`;
}

// Trinity numbers films and series separately, so the id of a title starts with what it is.
function mediaTypeOf(contentId: unknown): string | undefined {
  if (typeof contentId !== "string") return undefined;
  if (contentId.startsWith("movie:")) return "movie";
  return contentId.startsWith("tv:") ? "tv" : undefined;
}

// A genre that a sender lists twice is still one genre of the title.
function distinct(genres: readonly string[]): readonly string[] {
  return genres.every((genre, i) => genres.indexOf(genre) === i) ? genres : [...new Set(genres)];
}
