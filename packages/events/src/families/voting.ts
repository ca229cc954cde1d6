import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, releaseYear, seats, word } from "../property-types.ts";

/** Votes of members on the titles of a room. */

const voteContent = defineEvent({
  eventType: "vote_content",
  aliases: ["content_voted"],
  description: "A member voted on a title.",
  senders: ["app", "lambda", "stream", "nestjs"],
  userAction: true,
  fields: {
    contentId: plain(contentId, "which title was voted on"),
    vote: plain(z.enum(["like", "dislike", "skip"]), "the vote; only a like is positive"),
    genres: plain(genres.optional(), "preferences by genre"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    recommended: plain(flag.optional(), "whether a recommender proposed the title"),
    position: plain(count.optional(), "position in the list: fewer members see titles further down"),
    dwellMs: plain(durationMs.optional(), "how long the title was on screen"),
    input: plain(z.enum(["swipe", "button"]).optional(), "which control is used"),
    priority: plain(count.optional(), "tier of the list that the title came from"),
    votedCount: plain(count.optional(), "how many titles the member has voted on"),
    currentLikes: plain(count.optional(), "how close the room is to a match"),
    capacity: plain(seats.optional(), "number of likes that a match needs"),
    releaseYear: plain(releaseYear.optional(), "preferences by release decade"),
    origin: plain(word.optional(), "where the member saw the title"),
  },
});

const voteRejected = defineEvent({
  eventType: "vote_rejected",
  description: "A member voted, but Trinity did not count the vote.",
  senders: ["lambda", "nestjs"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["duplicate", "not_member", "closed", "already_matched", "other"]), "why votes are not counted"),
    contentId: plain(contentId.optional(), "which title was voted on"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
  },
});

const memberFinished = defineEvent({
  eventType: "member_finished",
  description: "A member has voted on every title of the room.",
  senders: ["derived", "lambda"],
  userAction: false,
  fields: {
    votesCast: plain(count.optional(), "number of titles in the list"),
    likes: plain(count.optional(), "how selective the member is"),
    durationMs: plain(durationMs.optional(), "how long it takes to vote on all titles"),
  },
});

export const votingEvents = [voteContent, voteRejected, memberFinished];
