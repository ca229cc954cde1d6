import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, titleCount, word } from "../property-types.ts";

/** The prepared title list of a room: one event for each room, not one for each title. */

const build = {
  titleCount: plain(titleCount.optional(), "number of titles offered"),
  tier1: plain(count.optional(), "number of titles with all chosen genres"),
  tier2: plain(count.optional(), "number of titles with any chosen genre"),
  tier3: plain(count.optional(), "number of popular titles that fill the list"),
  durationMs: plain(durationMs.optional(), "how long hosts wait"),
  fallback: plain(z.enum(["none", "filter", "popular", "emergency"]).optional(), "how often a fallback list is served"),
};

const cacheBuilt = defineEvent({
  eventType: "cache_built",
  description: "The title list of a room is ready.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: build,
});

const cacheFailed = defineEvent({
  eventType: "cache_failed",
  description: "The title list of a room could not be prepared.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: { ...build, reason: plain(word.optional(), "why lists cannot be prepared") },
});

const cacheExpired = defineEvent({
  eventType: "cache_expired",
  description: "The title list of a room expired.",
  senders: ["stream"],
  userAction: false,
  fields: { reason: plain(word.optional(), "whether it expired by age or by status") },
});

const cacheCleaned = defineEvent({
  eventType: "cache_cleaned",
  description: "The title list of a room was deleted by a clean-up.",
  senders: ["stream"],
  userAction: false,
  fields: { reason: plain(word.optional(), "which clean-up deleted it") },
});

export const cacheEvents = [cacheBuilt, cacheFailed, cacheExpired, cacheCleaned];
