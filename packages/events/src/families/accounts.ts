import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { durationMs, flag, word, words } from "../property-types.ts";

/** People and their accounts. Nothing here identifies a person: the envelope's `userId` is the only link. */

const userLogin = defineEvent({
  eventType: "user_login",
  description: "A person signed in with a credential; a restored session is none.",
  senders: ["app", "nestjs"],
  userAction: true,
  fields: {
    method: plain(word, "which way in is used: email, google, auto"),
    provider: plain(word.optional(), "which identity provider answered"),
    success: plain(flag.optional(), "how often signing in fails"),
    durationMs: plain(durationMs.optional(), "how long signing in takes"),
    emailVerified: plain(flag.optional(), "whether verification stands in the way"),
  },
});

const userLogout = defineEvent({
  eventType: "user_logout",
  description: "A session of an account ended.",
  senders: ["app", "nestjs"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["user", "expired", "revoked"]).optional(), "chosen or forced"),
  },
});

const userRegistered = defineEvent({
  eventType: "user_registered",
  aliases: ["user_register"],
  description: "An account was opened.",
  senders: ["app", "lambda", "stream", "nestjs"],
  userAction: true,
  fields: {
    method: plain(word.optional(), "which way in is used"),
  },
});

const profileUpdated = defineEvent({
  eventType: "profile_updated",
  description: "A person changed the profile.",
  senders: ["app", "lambda"],
  userAction: true,
  fields: {
    changedFields: plain(words.optional(), "which fields are edited; never their values"),
  },
});

export const accountEvents = [userLogin, userLogout, userRegistered, profileUpdated];
