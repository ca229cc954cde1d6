import { known, type MappedFact, type RowMapper } from "../mapped-fact.ts";
import { textOf, timeOf } from "../read-row.ts";
import { type MediaType, type RoomFacts, titleOf } from "../room-facts.ts";
import type { SkipReason } from "../skip-reason.ts";
import type { StreamRecord } from "../stream-record.ts";

const voteByType: Readonly<Record<string, string>> = {
  LIKE: "like",
  DISLIKE: "dislike",
  SKIP: "skip",
  // The experimental matchmaking.
  YES: "like",
  NO: "dislike",
};

export type VoteOnTitle = {
  readonly roomId: string | undefined;
  readonly userId: string | undefined;
  readonly movieId: string | undefined;
  readonly atMs: number | undefined;
  /** The media type that this kind of row implies. */
  readonly mediaType?: MediaType;
};

/** `trinity-votes-*`. The sort key is one attribute with a `#` in its name. */
export const mapVoteRow: RowMapper = (record, facts) => {
  const { row } = record;
  const [keyUser, keyMovie] = textOf(row, "userId#movieId")?.split("#") ?? [];
  const vote = { roomId: textOf(row, "roomId"), atMs: timeOf(row, "votedAt") };
  return voteFactsOf(record, facts, { ...vote, userId: textOf(row, "userId") ?? keyUser, movieId: textOf(row, "movieId") ?? keyMovie });
};

/** The fact of a vote, in any table. Votes are only added: a changed vote is the same one put again. */
export function voteFactsOf(
  { eventName, row }: StreamRecord,
  facts: RoomFacts | null,
  { roomId, userId, movieId, atMs, mediaType: rowMediaType }: VoteOnTitle,
): readonly MappedFact[] | SkipReason {
  if (eventName === "REMOVE") return "untold_removal";
  if (eventName === "MODIFY") return "untold_change";
  if (!roomId || !userId || !movieId) return "missing_id";
  const type = (textOf(row, "voteType") ?? "").toUpperCase();
  const vote = Object.hasOwn(voteByType, type) ? voteByType[type] : undefined;
  if (vote === undefined) return "unknown_vote";
  const title = titleOf(movieId, facts, rowMediaType);
  if (typeof title === "string") return title;
  const properties = known({ ...title, vote, capacity: facts?.capacity });
  return [{ eventType: "vote_content", id: ["vote", roomId, userId, title.contentId], atMs, userId, roomId, properties }];
}
