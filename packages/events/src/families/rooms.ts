import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, flag, genres, mediaType, seats, word } from "../property-types.ts";

/** The life of a room and its members. */

const roomCreated = defineEvent({
  eventType: "room_created",
  description: "A host opened a room.",
  senders: ["stream", "lambda", "app", "nestjs"],
  userAction: true,
  fields: {
    seats: plain(seats.optional(), "the capacity: a match needs as many likes; older rooms do not say"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    genres: plain(genres.optional(), "what rooms look for"),
    isPrivate: plain(flag.optional(), "open and closed rooms apart"),
    titleCount: plain(count.optional(), "titles offered: the denominator of discovery"),
    variant: plain(z.enum(["full", "simple", "debug"]).optional(), "which way of creating is used"),
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
    sinceCreatedMs: plain(durationMs.optional(), "how long rooms wait"),
  },
});

const pauseFields = {
  by: plain(z.enum(["host", "member", "system"]).optional(), "who pauses, as a role"),
  queueLength: plain(count.optional(), "titles still open"),
};

const roomPaused = defineEvent({
  eventType: "room_paused",
  description: "Voting was put on hold.",
  senders: ["nestjs"],
  userAction: true,
  fields: pauseFields,
});

const roomResumed = defineEvent({
  eventType: "room_resumed",
  description: "Voting went on after a pause.",
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
    durationMs: plain(durationMs.optional(), "how long rooms live"),
  },
});

const idleFields = {
  idleMs: plain(durationMs.optional(), "time since the last vote or join"),
  seatsTaken: plain(count.optional(), "whether the room ever filled"),
  capacity: plain(seats.optional(), "seats the room has"),
};

const roomStalled = defineEvent({
  eventType: "room_stalled",
  description: "A waiting room has heard nothing for hours.",
  senders: ["derived"],
  userAction: false,
  fields: idleFields,
});

const roomAbandoned = defineEvent({
  eventType: "room_abandoned",
  description: "A room was given up without an ending.",
  senders: ["derived"],
  userAction: false,
  fields: idleFields,
});

const joinRoom = defineEvent({
  eventType: "join_room",
  aliases: ["room_joined"],
  description: "A person took a seat, or came back to it.",
  senders: ["stream", "lambda", "app", "nestjs"],
  userAction: true,
  fields: {
    seatsTaken: plain(count.optional(), "how full the room is now"),
    capacity: plain(seats.optional(), "seats the room has"),
    role: plain(z.enum(["host", "member"]).optional(), "hosts and guests apart"),
    joinMethod: plain(word.optional(), "code, link or list"),
    rejoin: plain(flag.optional(), "coming back apart from coming"),
  },
});

const joinFailed = defineEvent({
  eventType: "join_failed",
  description: "A person tried to join and could not.",
  senders: ["lambda", "app"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["invalid_code", "full", "closed", "unauthenticated", "other"]), "what keeps people out"),
  },
});

const leaveRoom = defineEvent({
  eventType: "leave_room",
  aliases: ["room_left"],
  description: "A member left the room.",
  senders: ["app", "stream", "nestjs"],
  userAction: true,
  fields: {
    method: plain(z.enum(["manual", "host_closed", "cleanup"]).optional(), "chosen or forced"),
    votesCast: plain(count.optional(), "how far leavers came"),
  },
});

const memberInactive = defineEvent({
  eventType: "member_inactive",
  description: "A member has been silent in an open room.",
  senders: ["nestjs", "derived"],
  userAction: false,
  fields: {
    level: plain(z.enum(["warning", "inactive", "excluded"]).optional(), "how long the silence is"),
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
