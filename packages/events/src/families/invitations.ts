import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, flag, word } from "../property-types.ts";

/**
 * How people come to a room. The code is a secret that admits its holder, so it is never reported,
 * not even hashed: the hashes of all six-character codes can be computed in minutes.
 */

const inviteCreated = defineEvent({
  eventType: "invite_created",
  description: "A room got an invitation code.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: {
    codeLength: plain(count.optional(), "generations disagree on the length, and the app cuts longer codes"),
    validForMs: plain(durationMs.optional(), "how long the code lets people in"),
  },
});

const inviteShared = defineEvent({
  eventType: "invite_shared",
  description: "A person sent an invitation out of the app.",
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
    entry: plain(z.enum(["deeplink", "web", "manual"]).optional(), "which way in works"),
  },
});

const inviteValidated = defineEvent({
  eventType: "invite_validated",
  description: "Trinity checked an invitation code.",
  senders: ["lambda"],
  userAction: false,
  fields: {
    entry: plain(z.enum(["deeplink", "web", "manual"]).optional(), "which way in works"),
    valid: plain(flag, "how often codes fail"),
    reason: plain(word.optional(), "why they fail"),
  },
});

const inviteAccepted = defineEvent({
  eventType: "invite_accepted",
  description: "A person joined by a code for the first time.",
  senders: ["stream", "lambda"],
  userAction: true,
  fields: {
    sinceInviteMs: plain(durationMs.optional(), "how long invitations take"),
  },
});

export const invitationEvents = [inviteCreated, inviteShared, inviteOpened, inviteValidated, inviteAccepted];
