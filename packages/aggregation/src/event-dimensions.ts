import type { StoredEvent } from "@trinity/events/event";
import type { DimensionName, Dimensions } from "./dimension.ts";
import { resourceOf } from "./resource.ts";

/** @returns all dimensions of an event itself */
export function dimensionsOfEvent(event: StoredEvent): Dimensions {
  return { ...contextOf(event), eventType: event.eventType, ...dimensionsOfProperties(event) };
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
  const { platform, deviceType, locale, appVersion, ageBand } = event.context;
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(deviceType === undefined ? {} : { deviceType }),
    ...(locale === undefined ? {} : { locale }),
    ...(appVersion === undefined ? {} : { appVersion }),
    ...(ageBand === undefined ? {} : { ageBand }),
    source: event.source.system,
  };
}

/** The dimensions of a title, from an event about it. */
export type TitleDimensions = Pick<Dimensions, "contentId" | "genre" | "mediaType" | "releaseDecade">;

export function titleDimensionsOf(event: StoredEvent): TitleDimensions {
  const { contentId, genres, mediaType, releaseYear } = event.properties;
  const media = typeof mediaType === "string" ? mediaType : mediaTypeOf(contentId);
  return {
    ...(typeof contentId === "string" ? { contentId } : {}),
    ...(Array.isArray(genres) ? { genre: distinct(genres) } : {}),
    ...(media === undefined ? {} : { mediaType: media }),
    ...(typeof releaseYear === "number" ? { releaseDecade: `${Math.floor(releaseYear / 10) * 10}s` } : {}),
  };
}

function dimensionsOfProperties(event: StoredEvent): Dimensions {
  const { recommended, service, route, statusClass } = event.properties;
  const resource = resourceOf(event);
  return {
    ...titleDimensionsOf(event),
    ...(typeof recommended === "boolean" ? { recommended: String(recommended) } : {}),
    ...(typeof service === "string" ? { service } : {}),
    ...(typeof route === "string" ? { route } : {}),
    ...(typeof statusClass === "string" ? { statusClass } : {}),
    ...(resource === undefined ? {} : { resource }),
  };
}

// Trinity numbers films and series separately, so the id of a title starts with what it is.
function mediaTypeOf(contentId: unknown): string | undefined {
  if (typeof contentId !== "string") return undefined;
  if (contentId.startsWith("movie:")) return "movie";
  return contentId.startsWith("tv:") ? "tv" : undefined;
}

// A genre that a sender lists twice is still one genre of the title.
function distinct(genres: readonly string[]): readonly string[] {
  return genres.length < 2 ? genres : [...new Set(genres)];
}
