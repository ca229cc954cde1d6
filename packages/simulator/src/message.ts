import type { EventSource, Properties, ReportedContext } from "@trinity/events/event";

/** One element of a `POST /v1/events` body, as JSON carries it. */
export type EventBody = {
  readonly eventId: string;
  readonly eventType: string;
  /** RFC 3339 with milliseconds, UTC. */
  readonly timestamp: string;
  readonly userId?: string;
  readonly roomId?: string;
  readonly sessionId?: string;
  readonly properties: Properties;
  readonly context: ReportedContext;
  readonly source: EventSource;
};

/** A server's work on one request, before any wire format. */
export type ServerSpan = {
  readonly service: string;
  /** The GraphQL operation, or the `http.route` where there is a `method`. */
  readonly route: string;
  readonly method?: string;
  readonly graphqlType?: "query" | "mutation";
  readonly statusCode: number;
  /** GraphQL reports failures as data, so a failed request may carry status 200. */
  readonly failed: boolean;
  readonly startMs: number;
  readonly durationUs: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
};

/** What arrives at the ingest service, and when. */
export type SimulatedMessage =
  | { readonly deliverAtMs: number; readonly kind: "event"; readonly event: EventBody }
  | { readonly deliverAtMs: number; readonly kind: "span"; readonly span: ServerSpan };
