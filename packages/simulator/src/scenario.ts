import type { EventSource, Properties } from "@trinity/events/event";
import { type AppSession, uploadAtMs } from "./app-session.ts";
import { hexDigits, uuidV7 } from "./identifiers.ts";
import type { SimulatedMessage } from "./message.ts";
import type { Random } from "./random.ts";
import { drawFailure, drawSpan, type OperationName, type RequestFailure } from "./server-span.ts";

const appSource: EventSource = { system: "app", generation: "G2" };

/** What the app says about an event beyond its properties; `eventId` where another source may report the same fact. */
export type AppEventAbout = { readonly roomId?: string; readonly eventId?: string };

export type ServerFact = {
  readonly eventId: string;
  readonly eventType: string;
  readonly roomId: string;
  readonly userId?: string;
  readonly properties: Properties;
  readonly source: EventSource;
};

/** Collects messages and when each arrives. */
export class Scenario {
  readonly random: Random;
  readonly messages: SimulatedMessage[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  /** Something a person did, as the app reports it. */
  appEvent(session: AppSession, atMs: number, eventType: string, properties: Properties, about: AppEventAbout = {}): void {
    const event = {
      eventId: about.eventId ?? uuidV7(atMs, this.random),
      eventType,
      timestamp: new Date(atMs).toISOString(),
      userId: session.person.userId,
      ...(about.roomId === undefined ? {} : { roomId: about.roomId }),
      sessionId: session.sessionId,
      properties,
      context: session.context,
      source: appSource,
    };
    this.messages.push({ deliverAtMs: uploadAtMs(session, atMs), kind: "event", event });
  }

  /** A fact that a Lambda or a table stream reports; it knows no session. */
  serverFact(atMs: number, { source, properties, ...fact }: ServerFact): void {
    const event = { ...fact, timestamp: new Date(atMs).toISOString(), properties, context: {}, source };
    this.messages.push({ deliverAtMs: atMs + 200 + this.random.below(800), kind: "event", event });
  }

  newTraceId(): string {
    return hexDigits(this.random, 32);
  }

  /**
   * A request that the app makes; a failure is sometimes noticed by the app as well.
   * @param failure when given, how it ends; otherwise one in fifty fails by chance
   */
  request(
    session: AppSession,
    atMs: number,
    name: OperationName,
    traceId = this.newTraceId(),
    failure = drawFailure(this.random),
  ): RequestFailure | undefined {
    const span = drawSpan(name, atMs, traceId, failure, this.random);
    const endMs = atMs + Math.ceil(span.durationUs / 1_000);
    this.messages.push({ deliverAtMs: endMs + this.random.below(5_000), kind: "span", span });
    if (failure !== undefined && this.random.chance(0.6)) this.appEvent(session, endMs, "error_occurred", { code: failure.code });
    return failure;
  }

  /** The app after a start: signed in again or not, and on its first screen. @returns the time when the person can go on */
  openApp(session: AppSession, screen: string): number {
    const { person, startMs } = session;
    const signsIn = this.random.chance(0.25);
    if (signsIn) this.appEvent(session, startMs, "user_login", { method: person.signIn });
    const shownMs = startMs + (signsIn ? 700 : 0);
    this.appEvent(session, shownMs, "screen_view", { screen });
    return shownMs + 1_000 + Math.round(this.random.exponential(4_000));
  }
}
