import { z } from "zod";
import { defineEvent } from "../define-event.ts";
import { plain } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, titleCount, word } from "../property-types.ts";

/** Titles outside of votes: shown, opened, listed, shared. */

const title = {
  contentId: plain(contentId, "which title it is"),
  mediaType: plain(mediaType.optional(), "separates films from series"),
};

const titleShown = defineEvent({
  eventType: "title_shown",
  description: "A title was shown to a member.",
  senders: ["app", "lambda", "nestjs"],
  userAction: false,
  fields: {
    ...title,
    genres: plain(genres.optional(), "genres of the titles that are offered"),
    position: plain(count.optional(), "position in the list"),
    origin: plain(word.optional(), "which list it came from"),
    isFallback: plain(flag.optional(), "whether a fallback list was shown"),
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
    genres: plain(genres.optional(), "genres of the titles that people open"),
    origin: plain(word.optional(), "from where it was opened"),
    isFallback: plain(flag.optional(), "whether fallback data was shown"),
    durationMs: plain(durationMs.optional(), "how long the page was open"),
  },
});

const listAdded = defineEvent({
  eventType: "list_added",
  description: "A person added a title to their list.",
  senders: ["app"],
  userAction: true,
  fields: title,
});

const listRemoved = defineEvent({
  eventType: "list_removed",
  description: "A person removed a title from their list.",
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
  description: "A person shared a title or an invitation from the app.",
  senders: ["app"],
  userAction: true,
  fields: {
    channel: plain(word, "how people share"),
    contentId: plain(contentId.optional(), "which title was shared, if it was one"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    contentType: plain(z.enum(["room_invite", "title"]).optional(), "what was shared; the current app shares invitations only"),
  },
});

const contentRefreshed = defineEvent({
  eventType: "content_refreshed",
  description: "A room got a new title list. Older back ends report this as a start of the room.",
  senders: ["nestjs"],
  userAction: false,
  fields: {
    refreshType: plain(word.optional(), "why the list was replaced"),
    titleCount: plain(titleCount.optional(), "number of titles offered"),
  },
});

export const contentEvents = [titleShown, mediaViewed, listAdded, listRemoved, trailerOpened, shareContent, contentRefreshed];
