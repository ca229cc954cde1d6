import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, releaseYear, seats, word } from "../property-types.ts";

/** Answers of members to the titles of a room. */

const voteContent = defineEvent({
  eventType: "vote_content",
  aliases: ["content_voted"],
  description: "A member answered one title.",
  senders: ["app", "lambda", "stream", "nestjs"],
  userAction: true,
  fields: {
    contentId: plain(contentId, "which title was answered"),
    vote: plain(z.enum(["like", "dislike", "skip"]), "the answer; only a like is positive"),
    genres: plain(genres.optional(), "taste by genre"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    recommended: plain(flag.optional(), "whether a recommender proposed the title"),
    position: plain(count.optional(), "how far down the list: titles further down are seen less"),
    dwellMs: plain(durationMs.optional(), "time the title was on screen"),
    input: plain(z.enum(["swipe", "button"]).optional(), "which control is used"),
    priority: plain(count.optional(), "the tier the title came from"),
    votedCount: plain(count.optional(), "the member's progress"),
    currentLikes: plain(count.optional(), "how near the room is to a match"),
    capacity: plain(seats.optional(), "likes a match needs"),
    releaseYear: plain(releaseYear.optional(), "taste by decade"),
    origin: plain(word.optional(), "where the title was met"),
  },
});

const voteRejected = defineEvent({
  eventType: "vote_rejected",
  description: "A vote was given but not counted by Trinity.",
  senders: ["lambda", "nestjs"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["duplicate", "not_member", "closed", "already_matched", "other"]), "why votes are lost"),
    contentId: plain(contentId.optional(), "which title was answered"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
  },
});

const memberFinished = defineEvent({
  eventType: "member_finished",
  description: "A member has answered every title of the room.",
  senders: ["derived", "lambda"],
  userAction: false,
  fields: {
    votesCast: plain(count.optional(), "how long the list was"),
    likes: plain(count.optional(), "how choosy the member is"),
    durationMs: plain(durationMs.optional(), "how long a whole list takes"),
  },
});

export const votingEvents = [voteContent, voteRejected, memberFinished];
