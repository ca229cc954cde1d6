import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { contentId, count, durationMs, genres, mediaType, seats } from "../property-types.ts";

/** Whether a room agreed, and who saw it. */

const matchFound = defineEvent({
  eventType: "match_found",
  description: "A title got as many likes as the room has seats.",
  senders: ["stream", "lambda", "nestjs"],
  userAction: false,
  fields: {
    contentId: plain(contentId, "which title won"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    genres: plain(genres.optional(), "which genres people agree on"),
    capacity: plain(seats.optional(), "number of likes that the match needed"),
    members: plain(count.optional(), "number of members who agreed"),
    timeToMatchMs: plain(durationMs.optional(), "time from the creation of the room to the match"),
    votesInRoom: plain(count.optional(), "how many votes a match takes"),
  },
});

const consensusAchieved = defineEvent({
  eventType: "consensus_achieved",
  description: "The room agreed on a title; one event for each match.",
  senders: ["derived", "stream", "nestjs"],
  userAction: false,
  fields: {
    contentId: plain(contentId, "which title won"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    genres: plain(genres.optional(), "which genres people agree on"),
    consensusType: plain(z.enum(["unanimous", "majority"]).optional(), "which rule was met"),
    participants: plain(count.optional(), "number of members who agreed"),
    titlesSeen: plain(count.optional(), "how many titles a room sees before it agrees"),
    likesPerMember: plain(z.number().nonnegative().optional(), "how selective the members of rooms that agree are"),
  },
});

const noConsensus = defineEvent({
  eventType: "no_consensus",
  aliases: ["title_exhausted"],
  description: "Every member voted on every title, and none matched.",
  senders: ["derived", "lambda"],
  userAction: false,
  fields: {
    members: plain(count.optional(), "how large rooms that do not agree are"),
    votesInRoom: plain(count.optional(), "number of votes without a match"),
    bestLikeCount: plain(count.optional(), "how close the room came to a match"),
  },
});

const viewMatch = defineEvent({
  eventType: "view_match",
  description: "A member saw the match.",
  senders: ["app"],
  userAction: true,
  fields: {
    contentId: plain(contentId, "which title was seen"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    sinceMatchMs: plain(durationMs.optional(), "how long after the match members see it"),
    entry: plain(z.enum(["celebration", "matches", "room"]).optional(), "where members see the match"),
  },
});

export const consensusEvents = [matchFound, consensusAchieved, noConsensus, viewMatch];
