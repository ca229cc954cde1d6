import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type TitleDimensions, titleDimensionsOf } from "../event-dimensions.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";
import { type EntityDeclaration, keysFrom } from "./entity-declaration.ts";

/** A film or series: its first event, and its dimensions by the first event that has its genres. */
export type Title = {
  readonly first: EventStamp;
  readonly described: EventStamp | null;
  readonly dimensions: TitleDimensions;
};

export function mergeTitle(title: Title | undefined, event: StoredEvent): Title {
  const first = isBefore(event, title?.first ?? null) ? stampOf(event) : (title as Title).first;
  const describes = event.properties.genres !== undefined;
  const described = title?.described ?? null;
  if (describes && isBefore(event, described)) return { first, described: stampOf(event), dimensions: titleDimensionsOf(event) };
  const dimensions = title?.dimensions ?? onlyId(event);
  return { first, described, dimensions };
}

/** A title is discovered once, by the first event about it. */
export function contributionsOfTitle(title: Title): readonly Contribution[] {
  return [{ measure: "title_discovery", atMs: title.first.atMs, dimensions: title.dimensions, amounts: [0, 1] }];
}

// Without a description only the id is certain, so that a title does not depend on which event arrived first.
function onlyId(event: StoredEvent): TitleDimensions {
  const { contentId } = titleDimensionsOf(event);
  return contentId === undefined ? {} : titleDimensionsOf({ ...event, properties: { contentId: contentId as string } });
}

export const titleEntity: EntityDeclaration<Title> = {
  storedKind: "title",
  subject: "title",
  partOf: null,
  rowsAre: "titles",
  clusterOf: (key) => key,
  ownerOf: () => null,
  keysOf: ({ properties: { contentId } }) => keysFrom(contentId),
  merge: mergeTitle,
  contributions: contributionsOfTitle,
  // Its first event.
  contributesWithinMs: 0,
};
