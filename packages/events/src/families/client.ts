import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { count, durationMs, label, word } from "../property-types.ts";

/** What people do in the app outside of rooms and titles, and the connection of the app. */

const sessionStarted = defineEvent({
  eventType: "session_started",
  description: "The app was opened.",
  senders: ["app"],
  userAction: true,
  fields: {
    entry: plain(word.optional(), "how people open the app: icon, link or notification"),
  },
});

const sessionEnded = defineEvent({
  eventType: "session_ended",
  description: "The app was closed or suspended.",
  senders: ["app"],
  userAction: false,
  fields: {
    durationMs: plain(durationMs.optional(), "how long people stay, measured by the app"),
  },
});

const screenView = defineEvent({
  eventType: "screen_view",
  description: "A screen was shown.",
  senders: ["app"],
  userAction: true,
  fields: {
    screen: plain(label, "which screen, as a route pattern without ids"),
    previousScreen: plain(label.optional(), "which screens follow each other"),
    durationMs: plain(durationMs.optional(), "how long the previous screen was shown"),
  },
});

const searchPerformed = defineEvent({
  eventType: "search_performed",
  description: "A person searched for titles.",
  senders: ["app"],
  userAction: true,
  fields: {
    queryLength: plain(count.optional(), "how much people type; the query itself is free text and not collected"),
    filter: plain(word.optional(), "what people search: all titles, films or series"),
    resultCount: plain(count.optional(), "how often a search finds nothing"),
  },
});

const connectionChanged = defineEvent({
  eventType: "connection_changed",
  description: "The app lost its connection or connected again.",
  senders: ["app", "stream"],
  userAction: false,
  fields: {
    status: plain(z.enum(["connected", "disconnected", "reconnected", "reconnecting"]), "how reliable connections are"),
    attempts: plain(count.optional(), "how many attempts it takes to reconnect"),
  },
});

export const clientEvents = [sessionStarted, sessionEnded, screenView, searchPerformed, connectionChanged];
