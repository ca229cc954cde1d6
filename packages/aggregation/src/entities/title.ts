import type { StoredEvent } from "@trinity/events/event";
import type { Contribution } from "../contribution.ts";
import { type TitleDimensions, titleDimensionsOf } from "../event-dimensions.ts";
import { type EventStamp, isBefore, stampOf } from "./earliest.ts";

/** A film or series: when it was first met, and how the first event that knew its genres described it. */
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

// Undescribed, a title must look the same whichever event came first: only its id, and what the id says, is sure.
function onlyId(event: StoredEvent): TitleDimensions {
  const { contentId } = titleDimensionsOf(event);
  return contentId === undefined ? {} : titleDimensionsOf({ ...event, properties: { contentId: contentId as string } });
}
