import type { StoredEvent } from "@trinity/events/event";
import { unknownValue, valuesOf } from "../dimension.ts";
import { type EventStamp, isBefore, stampOf } from "../entities/earliest.ts";
import type { TitleDimensions } from "../event-dimensions.ts";
import { OverRepresentation, type Pattern } from "../statistics/over-represented.ts";

/** The titles that were voted on in a room that ended, one way or the other. */
export type JudgedTitles = {
  readonly roomId: string;
  /** True where the room closed without consensus, false where it agreed. */
  readonly rejected: boolean;
  /** `dimensions` as the first vote on it in the room described it. */
  readonly titles: readonly { readonly contentId: string; readonly dimensions: TitleDimensions }[];
};

export type RejectionPatterns = {
  /** Pairs of a room without consensus and a title voted on in it. */
  readonly rejected: number;
  /** The same of rooms in consensus. */
  readonly accepted: number;
  readonly patterns: readonly Pattern[];
};

/**
 * What titles of rooms without consensus have more often than titles of rooms that agreed. The titles of a room come together: they are of the
 * genres it looked for.
 * @param positionOf where the title stood in the list of its room, in bands; `null` where it was not looked up
 */
export function rejectionPatterns(
  rooms: readonly JudgedTitles[],
  positionOf: ((roomId: string, contentId: string) => string) | null,
): RejectionPatterns {
  const found = new OverRepresentation();
  for (const { roomId, rejected, titles } of rooms) {
    const facts = titles.map(({ contentId, dimensions }) => ({
      genre: valuesOf(dimensions, "genre"),
      mediaType: valuesOf(dimensions, "mediaType"),
      releaseDecade: valuesOf(dimensions, "releaseDecade"),
      ...(positionOf === null ? {} : { position: positionOf(roomId, contentId) }),
    }));
    if (facts.length > 0) found.add(rejected, facts);
  }
  const { among, others } = found.sizes;
  return { rejected: among, accepted: others, patterns: found.patterns() };
}

/** Where titles stood in the lists of some rooms, as the first vote on each tells it. Takes events in any order. */
export class PositionAccumulator {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly rooms: ReadonlySet<string>;
  readonly #first = new Map<string, EventStamp & { readonly position: number | null }>();

  /** @param range in which the first votes of these rooms lie */
  constructor(rooms: ReadonlySet<string>, range: { readonly fromMs: number; readonly toMs: number }) {
    this.rooms = rooms;
    this.range = range;
  }

  add(event: StoredEvent): void {
    const { roomId, eventType, properties } = event;
    const { contentId, position } = properties;
    if (eventType !== "vote_content" || roomId === null || typeof contentId !== "string" || !this.rooms.has(roomId)) return;
    const key = `${roomId}/${contentId}`;
    if (isBefore(event, this.#first.get(key) ?? null))
      this.#first.set(key, { ...stampOf(event), position: typeof position === "number" ? position : null });
  }

  bandOf(roomId: string, contentId: string): string {
    return positionBand(this.#first.get(`${roomId}/${contentId}`)?.position ?? null);
  }
}

/** @returns the band of a position in a list; `unknown` where the position is */
export function positionBand(position: number | null): string {
  if (position === null) return unknownValue;
  const from = bandsFrom.findLast((first) => first <= position) as number;
  const next = bandsFrom[bandsFrom.indexOf(from) + 1];
  return next === undefined ? `${from}+` : `${from}-${next - 1}`;
}

/** The first position of each band; lists are numbered from 0. */
const bandsFrom: readonly number[] = [0, 5, 10, 20, 50];
