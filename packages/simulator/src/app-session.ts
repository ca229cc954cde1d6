import type { ReportedContext } from "@trinity/events/event";
import { appVersionAt, userAgentOf } from "./device.ts";
import { hexDigits } from "./identifiers.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";

/** One start of the app by one person. */
export type AppSession = {
  readonly sessionId: string;
  readonly person: Person;
  readonly startMs: number;
  readonly context: ReportedContext;
  /** What the network adds to each upload; the same all session, so that uploads stay in order. */
  readonly uploadMs: number;
};

/** Away for this long, a person starts the app afresh. */
export const sessionGapMs = 30 * 60_000;
/** The tracker sends what it has every five seconds. */
const uploadEveryMs = 5_000;

export function startSession(person: Person, startMs: number, random: Random): AppSession {
  return {
    sessionId: `s-${hexDigits(random, 20)}`,
    person,
    startMs,
    context: {
      platform: person.device.platform,
      deviceType: person.device.deviceType,
      appVersion: appVersionAt(startMs, person.updateLagMs),
      locale: person.locale,
      ageBand: person.ageBand,
      userAgent: userAgentOf(person.device),
      ipAddress: person.ipAddress,
    },
    uploadMs: Math.round(random.between(60, 400)),
  };
}

/** When an event of this session reaches the ingest service. */
export function uploadAtMs(session: AppSession, atMs: number): number {
  const uploads = Math.floor((atMs - session.startMs) / uploadEveryMs) + 1;
  return session.startMs + uploads * uploadEveryMs + session.uploadMs;
}
