import type { Properties } from "@trinity/events/event";

/** An event in the format of `POST /v1/events`. */
export type WireEvent = {
  readonly eventId: string;
  readonly eventType: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly timestamp: string;
  readonly userId: string | null;
  readonly roomId: string | null;
  readonly properties: Properties;
  readonly context: Readonly<Record<string, never>>;
  readonly source: { readonly system: "stream"; readonly generation?: Generation };
};

/** The generation of Trinity that wrote a row. */
export type Generation = "G0" | "G1" | "G2" | "G3";
