import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { durationMs, flag, word, words } from "../property-types.ts";

/** People and their accounts. Only the envelope's `userId` links an event to a person. */

const userLogin = defineEvent({
  eventType: "user_login",
  description: "A person signed in with a credential. Restoring a session does not count.",
  senders: ["app", "nestjs"],
  userAction: true,
  fields: {
    method: plain(word, "how people sign in: email, google, auto"),
    provider: plain(word.optional(), "which identity provider is used"),
    success: plain(flag.optional(), "how often signing in fails"),
    durationMs: plain(durationMs.optional(), "how long signing in takes"),
    emailVerified: plain(flag.optional(), "whether a missing email verification prevents signing in"),
  },
});

const userLogout = defineEvent({
  eventType: "user_logout",
  description: "A person signed out, or the sign-in expired or was revoked.",
  senders: ["app", "nestjs"],
  userAction: true,
  fields: {
    reason: plain(z.enum(["user", "expired", "revoked"]).optional(), "whether the person chose it or was forced"),
  },
});

const userRegistered = defineEvent({
  eventType: "user_registered",
  aliases: ["user_register"],
  description: "A person created an account.",
  senders: ["app", "lambda", "stream", "nestjs"],
  userAction: true,
  fields: {
    method: plain(word.optional(), "how people sign up"),
  },
});

const profileUpdated = defineEvent({
  eventType: "profile_updated",
  description: "A person changed their profile.",
  senders: ["app", "lambda"],
  userAction: true,
  fields: {
    changedFields: plain(words.optional(), "names of the edited fields, never their values"),
  },
});

export const accountEvents = [userLogin, userLogout, userRegistered, profileUpdated];
