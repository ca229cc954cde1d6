import { defineEvent } from "../define-event.ts";
import { plain, quasiIdentifier } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, share, word } from "../property-types.ts";

/**
 * The AI assistant. Of messages to it only the length is reported. The mood that it infers from them is not: it may reveal
 * health, so it would need the person's consent, and no sender asks for it.
 */

const requestAiRecommendation = defineEvent({
  eventType: "request_ai_recommendation",
  aliases: ["ai_recommendation_requested"],
  description: "A person asked the assistant what to watch.",
  senders: ["lambda", "app", "nestjs"],
  userAction: true,
  fields: {
    textLength: plain(count.optional(), "how much people write"),
    language: quasiIdentifier(word.optional(), "which languages the assistant must speak"),
    roomGenreCount: plain(count.optional(), "number of genres of the room"),
    genres: plain(genres.optional(), "genres of the proposed titles"),
    model: plain(word.optional(), "compares models"),
    source: plain(word.optional(), "separates answers of the model from fallbacks"),
    confidence: plain(share.optional(), "whether confidence predicts acceptance"),
    intent: plain(word.optional(), "separates questions about cinema from others"),
    resultCount: plain(count.optional(), "number of proposed titles"),
    latencyMs: plain(durationMs.optional(), "how long people wait"),
    failed: plain(flag.optional(), "how often the assistant does not answer"),
  },
});

const aiRecommendationAccepted = defineEvent({
  eventType: "ai_recommendation_accepted",
  description: "A person added a title that the assistant proposed to the room.",
  senders: ["lambda", "nestjs"],
  userAction: true,
  fields: {
    contentId: plain(contentId.optional(), "which proposed title was added"),
    mediaType: plain(mediaType.optional(), "separates films from series"),
    genres: plain(genres.optional(), "genres of the added titles"),
  },
});

export const assistantEvents = [requestAiRecommendation, aiRecommendationAccepted];
