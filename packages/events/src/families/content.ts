import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, word } from "../property-types.ts";

/** Titles outside of a vote: shown, opened, kept, shared. */

const title = {
  contentId: plain(contentId, "which title it is"),
  mediaType: plain(mediaType.optional(), "films and series apart"),
};

const titleShown = defineEvent({
  eventType: "title_shown",
  description: "A title was put in front of a member.",
  senders: ["app", "lambda", "nestjs"],
  userAction: false,
  fields: {
    ...title,
    genres: plain(genres.optional(), "what is offered, by genre"),
    position: plain(count.optional(), "how far down the list"),
    origin: plain(word.optional(), "which list it came from"),
    isFallback: plain(flag.optional(), "whether a stand-in list was shown"),
    recommended: plain(flag.optional(), "whether a recommender proposed the title"),
  },
});

const mediaViewed = defineEvent({
  eventType: "media_viewed",
  description: "A person opened the page of a title.",
  senders: ["app", "lambda", "nestjs"],
  userAction: true,
  fields: {
    ...title,
    genres: plain(genres.optional(), "what is looked at, by genre"),
    origin: plain(word.optional(), "where it was opened from"),
    isFallback: plain(flag.optional(), "whether stand-in data was shown"),
    durationMs: plain(durationMs.optional(), "how long the page was read"),
  },
});

const listAdded = defineEvent({
  eventType: "list_added",
  description: "A person kept a title in the own list.",
  senders: ["app"],
  userAction: true,
  fields: title,
});

const listRemoved = defineEvent({
  eventType: "list_removed",
  description: "A person took a title off the own list.",
  senders: ["app"],
  userAction: true,
  fields: title,
});

const trailerOpened = defineEvent({
  eventType: "trailer_opened",
  description: "A person opened a trailer.",
  senders: ["app"],
  userAction: true,
  fields: title,
});

const shareContent = defineEvent({
  eventType: "share_content",
  description: "A person shared something out of the app.",
  senders: ["app"],
  userAction: true,
  fields: {
    channel: plain(word, "how people share"),
    contentId: plain(contentId.optional(), "which title was shared, if it was one"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    contentType: plain(z.enum(["room_invite", "title"]).optional(), "today's app shares invitations only"),
  },
});

const contentRefreshed = defineEvent({
  eventType: "content_refreshed",
  description: "A room got a new list of titles (older back ends report this as a start).",
  senders: ["nestjs"],
  userAction: false,
  fields: {
    refreshType: plain(word.optional(), "what made the list run out"),
    titleCount: plain(count.optional(), "titles offered"),
  },
});

export const contentEvents = [titleShown, mediaViewed, listAdded, listRemoved, trailerOpened, shareContent, contentRefreshed];
