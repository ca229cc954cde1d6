import { defineEvent } from "../define-event.ts";
import { plain, quasiIdentifier } from "../property-field.ts";
import { contentId, count, durationMs, flag, genres, mediaType, share, word } from "../property-types.ts";

/**
 * The AI assistant. Messages to it never arrive here, only their length. Nor does the mood that it infers from them,
 * which may reveal health: it would need the person's consent, and no sender asks for it.
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
    roomGenreCount: plain(count.optional(), "how narrow the room is"),
    genres: plain(genres.optional(), "what was proposed, by genre"),
    model: plain(word.optional(), "models apart"),
    source: plain(word.optional(), "the model's answer apart from its fallbacks"),
    confidence: plain(share.optional(), "whether confidence predicts acceptance"),
    intent: plain(word.optional(), "questions about cinema apart from others"),
    resultCount: plain(count.optional(), "titles proposed"),
    latencyMs: plain(durationMs.optional(), "how long people wait"),
    failed: plain(flag.optional(), "how often no answer comes"),
  },
});

const aiRecommendationAccepted = defineEvent({
  eventType: "ai_recommendation_accepted",
  description: "A person took a proposal of the assistant into the room.",
  senders: ["lambda", "nestjs"],
  userAction: true,
  fields: {
    contentId: plain(contentId.optional(), "which proposal is taken"),
    mediaType: plain(mediaType.optional(), "films and series apart"),
    genres: plain(genres.optional(), "what is taken, by genre"),
  },
});

export const assistantEvents = [requestAiRecommendation, aiRecommendationAccepted];
