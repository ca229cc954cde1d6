import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, word } from "../property-types.ts";

/** The prepared list of titles of a room: one event a room, not one a title. */

const build = {
  titleCount: plain(count.optional(), "titles offered"),
  tier1: plain(count.optional(), "titles with all chosen genres"),
  tier2: plain(count.optional(), "titles with any chosen genre"),
  tier3: plain(count.optional(), "popular titles that fill up"),
  durationMs: plain(durationMs.optional(), "how long hosts wait"),
  fallback: plain(z.enum(["none", "filter", "popular", "emergency"]).optional(), "how often a stand-in list is served"),
};

const cacheBuilt = defineEvent({
  eventType: "cache_built",
  description: "The list of titles of a room is ready.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: build,
});

const cacheFailed = defineEvent({
  eventType: "cache_failed",
  description: "The list of titles of a room could not be prepared.",
  senders: ["stream", "lambda"],
  userAction: false,
  fields: { ...build, reason: plain(word.optional(), "what breaks") },
});

const cacheExpired = defineEvent({
  eventType: "cache_expired",
  description: "The list of titles of a room reached the end of its life.",
  senders: ["stream"],
  userAction: false,
  fields: { reason: plain(word.optional(), "age or status") },
});

const cacheCleaned = defineEvent({
  eventType: "cache_cleaned",
  description: "The list of titles of a room was deleted on purpose.",
  senders: ["stream"],
  userAction: false,
  fields: { reason: plain(word.optional(), "which clean-up it was") },
});

export const cacheEvents = [cacheBuilt, cacheFailed, cacheExpired, cacheCleaned];
