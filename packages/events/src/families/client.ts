import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, label, word } from "../property-types.ts";

/** Actions of people in the app outside of rooms and titles, and the connection of the app. */

const sessionStarted = defineEvent({
  eventType: "session_started",
  description: "The app was opened.",
  senders: ["app"],
  userAction: true,
  fields: {
    entry: plain(word.optional(), "icon, link or notification"),
  },
});

const sessionEnded = defineEvent({
  eventType: "session_ended",
  description: "The app was closed or fell asleep.",
  senders: ["app"],
  userAction: false,
  fields: {
    durationMs: plain(durationMs.optional(), "how long people stay, as the app saw it"),
  },
});

const screenView = defineEvent({
  eventType: "screen_view",
  description: "A screen was shown.",
  senders: ["app"],
  userAction: true,
  fields: {
    screen: plain(label, "which screen, as a route pattern: never with an id filled in"),
    previousScreen: plain(label.optional(), "the path people take"),
    durationMs: plain(durationMs.optional(), "time on the previous screen"),
  },
});

const searchPerformed = defineEvent({
  eventType: "search_performed",
  description: "A person searched for titles.",
  senders: ["app"],
  userAction: true,
  fields: {
    queryLength: plain(count.optional(), "how much people type; the query itself is free text"),
    filter: plain(word.optional(), "all, films or series"),
    resultCount: plain(count.optional(), "how often nothing is found"),
  },
});

const connectionChanged = defineEvent({
  eventType: "connection_changed",
  description: "The app lost or found its connection.",
  senders: ["app", "stream"],
  userAction: false,
  fields: {
    status: plain(z.enum(["connected", "disconnected", "reconnected", "reconnecting"]), "how well people are connected"),
    attempts: plain(count.optional(), "how hard it is to come back"),
  },
});

export const clientEvents = [sessionStarted, sessionEnded, screenView, searchPerformed, connectionChanged];
