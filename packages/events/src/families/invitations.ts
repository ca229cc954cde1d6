import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, flag, word } from "../property-types.ts";

/**
 * How people are invited to a room. An invitation code admits everyone who knows it, so it is never reported,
 * not even hashed: the hashes of all six-character codes can be computed in minutes.
 */

const inviteCreated = defineEvent({
  eventType: "invite_created",
  description: "A room got an invitation code.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: {
    codeLength: plain(count.optional(), "generations of Trinity disagree on the length, and the app truncates longer codes"),
    validForMs: plain(durationMs.optional(), "how long the code is valid"),
  },
});

const inviteShared = defineEvent({
  eventType: "invite_shared",
  description: "A person shared an invitation from the app.",
  senders: ["app"],
  userAction: true,
  fields: {
    channel: plain(word, "how people invite: whatsapp, email, sms, copy, sheet"),
  },
});

const inviteOpened = defineEvent({
  eventType: "invite_opened",
  description: "A person followed an invitation.",
  senders: ["app"],
  userAction: true,
  fields: {
    entry: plain(z.enum(["deeplink", "web", "manual"]).optional(), "how people use the invitation: app link, web page or typed code"),
  },
});

const inviteValidated = defineEvent({
  eventType: "invite_validated",
  description: "Trinity checked an invitation code.",
  senders: ["lambda"],
  userAction: false,
  fields: {
    entry: plain(z.enum(["deeplink", "web", "manual"]).optional(), "how people use the invitation: app link, web page or typed code"),
    valid: plain(flag, "how often codes are invalid"),
    reason: plain(word.optional(), "why codes are invalid"),
  },
});

const inviteAccepted = defineEvent({
  eventType: "invite_accepted",
  description: "A person joined a room by its code for the first time.",
  senders: ["stream", "lambda"],
  userAction: true,
  fields: {
    sinceInviteMs: plain(durationMs.optional(), "how long after the invitation people join"),
  },
});

export const invitationEvents = [inviteCreated, inviteShared, inviteOpened, inviteValidated, inviteAccepted];
