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
    mediaType: plain(mediaType.optional(), "films and series apart"),
    genres: plain(genres.optional(), "what people agree on"),
    capacity: plain(seats.optional(), "likes the match needed"),
    members: plain(count.optional(), "people who agreed"),
    timeToMatchMs: plain(durationMs.optional(), "from the room's creation to the match"),
    votesInRoom: plain(count.optional(), "votes a match takes"),
  },
});

const consensusAchieved = defineEvent({
  eventType: "consensus_achieved",
  description: "The room agreed; once a match.",
  senders: ["derived", "stream", "nestjs"],
  userAction: false,
  fields: {
    contentId: plain(contentId, "which title won"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    genres: plain(genres.optional(), "what people agree on"),
    consensusType: plain(z.enum(["unanimous", "majority"]).optional(), "the rule that was met"),
    participants: plain(count.optional(), "people who agreed"),
    titlesSeen: plain(count.optional(), "how many titles agreement takes"),
    likesPerMember: plain(z.number().nonnegative().optional(), "how choosy agreeing rooms are"),
  },
});

const noConsensus = defineEvent({
  eventType: "no_consensus",
  aliases: ["title_exhausted"],
  description: "Every member answered every title and none matched.",
  senders: ["derived", "lambda"],
  userAction: false,
  fields: {
    members: plain(count.optional(), "how large disagreeing rooms are"),
    votesInRoom: plain(count.optional(), "votes spent without a match"),
    bestLikeCount: plain(count.optional(), "how near the room came"),
  },
});

const viewMatch = defineEvent({
  eventType: "view_match",
  description: "A member saw the match.",
  senders: ["app"],
  userAction: true,
  fields: {
    contentId: plain(contentId, "which title was seen"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    sinceMatchMs: plain(durationMs.optional(), "how late members learn of a match"),
    entry: plain(z.enum(["celebration", "matches", "room"]).optional(), "where they learn of it"),
  },
});

export const consensusEvents = [matchFound, consensusAchieved, noConsensus, viewMatch];
