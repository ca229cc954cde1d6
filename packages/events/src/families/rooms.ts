import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, flag, genres, mediaType, seats, titleCount, word } from "../property-types.ts";

/** What happens to a room and its members. */

const roomCreated = defineEvent({
  eventType: "room_created",
  description: "A host created a room.",
  senders: ["stream", "lambda", "app", "nestjs"],
  userAction: true,
  fields: {
    seats: plain(seats.optional(), "the capacity: a match needs as many likes; absent for older rooms"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    genres: plain(genres.optional(), "which genres rooms look for"),
    isPrivate: plain(flag.optional(), "separates private rooms from public ones"),
    titleCount: plain(titleCount.optional(), "number of titles offered: the denominator of `content_discovery_rate`"),
    variant: plain(z.enum(["full", "simple", "debug"]).optional(), "which way to create a room is used"),
    nameLength: plain(count.optional(), "whether hosts name their rooms; the name itself is free text"),
  },
});

const roomStarted = defineEvent({
  eventType: "room_started",
  description: "Voting in a room began.",
  senders: ["derived", "lambda", "nestjs"],
  userAction: false,
  fields: {
    trigger: plain(z.enum(["first_vote", "seats_full", "host"]).optional(), "what starts rooms"),
    membersAtStart: plain(count.optional(), "how full rooms are when they start"),
    sinceCreatedMs: plain(durationMs.optional(), "how long rooms wait for their start"),
  },
});

const pauseFields = {
  by: plain(z.enum(["host", "member", "system"]).optional(), "role of who paused or resumed the room"),
  queueLength: plain(count.optional(), "number of titles not voted on yet"),
};

const roomPaused = defineEvent({
  eventType: "room_paused",
  description: "Voting was paused.",
  senders: ["nestjs"],
  userAction: true,
  fields: pauseFields,
});

const roomResumed = defineEvent({
  eventType: "room_resumed",
  description: "Voting was resumed after a pause.",
  senders: ["nestjs"],
  userAction: true,
  fields: pauseFields,
});

const roomCompleted = defineEvent({
  eventType: "room_completed",
  description: "A room ended.",
  senders: ["derived", "nestjs"],
  userAction: false,
  fields: {
    outcome: plain(z.enum(["matched", "no_consensus", "abandoned"]).optional(), "how rooms end"),
    durationMs: plain(durationMs.optional(), "how long rooms last"),
  },
});

const idleFields = {
  idleMs: plain(durationMs.optional(), "time since the last vote or join"),
  seatsTaken: plain(count.optional(), "whether all seats were taken"),
  capacity: plain(seats.optional(), "number of seats in the room"),
};

const roomStalled = defineEvent({
  eventType: "room_stalled",
  description: "A waiting room has had no vote and no join for hours.",
  senders: ["derived"],
  userAction: false,
  fields: idleFields,
});

const roomAbandoned = defineEvent({
  eventType: "room_abandoned",
  description: "A room was abandoned before it ended.",
  senders: ["derived"],
  userAction: false,
  fields: idleFields,
});

const joinRoom = defineEvent({
  eventType: "join_room",
  aliases: ["room_joined"],
  description: "A person joined a room, or joined it again.",
  senders: ["stream", "lambda", "app", "nestjs"],
  userAction: true,
  fields: {
    seatsTaken: plain(count.optional(), "how full the room is now"),
    capacity: plain(seats.optional(), "number of seats in the room"),
    role: plain(z.enum(["host", "member"]).optional(), "separates hosts from other members"),
    joinMethod: plain(word.optional(), "how people join: code, link or list"),
    rejoin: plain(flag.optional(), "separates joining again from joining"),
  },
});

const joinFailed = defineEvent({
  eventType: "join_failed",
  description: "A person tried to join and could not.",
  senders: ["lambda", "app"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["invalid_code", "full", "closed", "unauthenticated", "other"]), "why people cannot join"),
  },
});

const leaveRoom = defineEvent({
  eventType: "leave_room",
  aliases: ["room_left"],
  description: "A member left a room.",
  senders: ["app", "stream", "nestjs"],
  userAction: true,
  fields: {
    method: plain(z.enum(["manual", "host_closed", "cleanup"]).optional(), "whether the member chose it or was forced"),
    votesCast: plain(count.optional(), "how many votes members cast before they leave"),
  },
});

const memberInactive = defineEvent({
  eventType: "member_inactive",
  description: "A member of an open room has been inactive.",
  senders: ["nestjs", "derived"],
  userAction: false,
  fields: {
    level: plain(z.enum(["warning", "inactive", "excluded"]).optional(), "how long the member has been inactive, by class"),
    idleMs: plain(durationMs.optional(), "time since the member's last action"),
  },
});

const filtersUpdateRejected = defineEvent({
  eventType: "filters_update_rejected",
  description: "A person tried to change the filters of a room, which are fixed.",
  senders: ["app", "lambda"],
  userAction: true,
  fields: {
    reason: plain(word.optional(), "what people expect to be able to change"),
  },
});

export const roomEvents = [
  roomCreated,
  joinRoom,
  joinFailed,
  leaveRoom,
  memberInactive,
  roomStarted,
  roomPaused,
  roomResumed,
  roomCompleted,
  roomStalled,
  roomAbandoned,
  filtersUpdateRejected,
];
