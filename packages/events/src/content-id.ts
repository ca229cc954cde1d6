/** Answers that Trinity's back ends write in place of a title's id. They are no titles. */
const sentinels: ReadonlySet<string> = new Set([
  "user-finished",
  "no-more-movies",
  "end-of-suggestions",
  "user_joined_event",
  "user_left_event",
  "connection_event",
  "disconnection_event",
]);

const bareNumber = /^\d+$/;

/**
 * Makes an id unique among films and series, whose numbers overlap.
 * @returns the qualified id; `null` for a bare number without a media type and for a sentinel, neither of which names a title
 */
export function qualifyContentId(contentId: string, mediaType: string | undefined): string | null {
  if (bareNumber.test(contentId)) return mediaType === undefined ? null : `${mediaType}:${contentId}`;
  return sentinels.has(contentId) ? null : contentId;
}
