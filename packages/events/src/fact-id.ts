import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/**
 * The event id of a fact that several senders report, so that it counts once: the table stream, a Lambda, the app.
 *
 * | fact | kind and parts |
 * |---|---|
 * | `room_created` | `room_created`, roomId |
 * | `join_room` | `join`, roomId, userId, joinedAt as `2026-01-31T20:16:41.008Z` |
 * | `vote_content` | `vote`, roomId, userId, contentId |
 * | `match_found` | `match`, roomId (where a room may have several: and contentId) |
 * | `cache_built` | `cache`, roomId, createdAt |
 * | `invite_created` | `invite`, code, roomId |
 * | any other fact of a room | its event type, roomId and what distinguishes it from others of the room |
 *
 * A title counts by its bare id: a Lambda that receives a vote does not know whether `862` is a film, and in one room no two titles
 * share a number. Always a digest: ids of people and invitation codes must not be readable in an event id, and two UUIDs exceed 64 characters.
 * Does not depend on Node: the app reports facts too.
 * @returns 64 lower-case hex digits: SHA-256 of the kind and the parts, joined by `:`
 */
export function factId(kind: string, ...parts: readonly string[]): string {
  return bytesToHex(sha256(utf8ToBytes([kind, ...parts.map((part) => part.replace(qualifiedTitle, "$1"))].join(":"))));
}

const qualifiedTitle = /^(?:movie|tv):(\d+)$/;
