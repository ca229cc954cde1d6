/** Why a record of a stream became no event: a closed list, because records are counted by it. */
export const skipReasons = [
  /** It is no stream record. */
  "unreadable_record",
  /** No known table has this name. */
  "unknown_table",
  /** Nothing in the table is reported. */
  "silent_table",
  /** An unknown key or `entityType`. */
  "unknown_row",
  /** Counts the likes of one title; it is never a match. */
  "like_counter",
  /** A title of a room's list. */
  "title_row",
  /** The host's own membership, which `room_created` reports. */
  "host_seat",
  /** Repeats another row of the table. */
  "second_copy",
  /** Only internal attributes changed. */
  "bookkeeping_only",
  /** The change is not reported. */
  "untold_change",
  /** A row was removed, and its removal is not reported. */
  "untold_removal",
  /** A back end wrote an answer in place of a title's id. */
  "sentinel_title",
  /** A row of Trinity's tests. */
  "test_row",
  /** The row does not name its room, user or title. */
  "missing_id",
  /** Neither the row nor the record has a time. */
  "no_time",
  /** A vote other than like, dislike and skip. */
  "unknown_vote",
  /** Unknown whether the number is a film's or a series'. */
  "unknown_media_type",
  /** A list of titles that is not ready yet. */
  "unfinished_list",
  /** The catalogue would reject the event, for example because of an id of 300 characters. */
  "refused_by_catalogue",
] as const;

export type SkipReason = (typeof skipReasons)[number];
