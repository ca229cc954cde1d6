/** Why a record of a stream became no event: a closed list, because records are counted by it. */
export const skipReasons = [
  /** It has not the form of a stream record. */
  "unreadable_record",
  /** No table that we know is called so. */
  "unknown_table",
  /** The table holds nothing that is reported. */
  "silent_table",
  /** A key or `entityType` that nobody described. */
  "unknown_row",
  /** Counts the likes of one title; it is never a match. */
  "like_counter",
  /** A title of a room's list. */
  "title_row",
  /** The host's own seat, which `room_created` tells. */
  "host_seat",
  /** Says again what another row of the table says. */
  "second_copy",
  /** Only attributes changed that Trinity writes for itself. */
  "bookkeeping_only",
  /** What changed is not reported. */
  "untold_change",
  /** A row went, and its going is not reported. */
  "untold_removal",
  /** An answer of a back end that stands where a title's id would be. */
  "sentinel_title",
  /** A row that tests left behind. */
  "test_row",
  /** The row does not say which room, person or title it is about. */
  "missing_id",
  /** Neither the row nor the record says when it was. */
  "no_time",
  /** A vote that is none of like, dislike and skip. */
  "unknown_vote",
  /** Nothing says whether the number is a film's or a series'. */
  "unknown_media_type",
  /** A list of titles that is not ready yet. */
  "unfinished_list",
  /** The catalogue would refuse what the row says, such as an id of 300 characters. */
  "refused_by_catalogue",
] as const;

export type SkipReason = (typeof skipReasons)[number];
