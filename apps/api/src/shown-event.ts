import { z } from "zod";

/** An event as the log keeps it, with its times as text. */
export const shownEvent = z.strictObject({
  eventId: z.string(),
  eventType: z.string(),
  timestamp: z.iso.datetime(),
  receivedAt: z.iso.datetime(),
  userId: z.string().nullable().describe("A pseudonym, as are the ids of room and session."),
  roomId: z.string().nullable(),
  sessionId: z.string().nullable(),
  properties: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  context: z.strictObject({
    platform: z.string().optional(),
    deviceType: z.string().optional(),
    appVersion: z.string().optional(),
    locale: z.string().optional(),
    ageBand: z.string().optional(),
  }),
  source: z.strictObject({ system: z.string(), generation: z.string().optional(), component: z.string().optional() }),
});
