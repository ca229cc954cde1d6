import type { Caller } from "@trinity/auth/caller";
import type { EventStore } from "@trinity/storage/event-store";
import type { KeyStore } from "@trinity/storage/key-store";
import type { LogCheck } from "@trinity/verification/log-check";
import type { Clock, Pause } from "./clock.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import type { LiveStreams } from "./live-streams.ts";
import type { StoreWatch } from "./store-watch.ts";

/** What the process has, the same for all calls. */
export type Resources = {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly readLogCheck: () => Promise<LogCheck | null>;
  readonly clock: Clock;
  readonly pause: Pause;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly watch: StoreWatch;
  readonly streams: LiveStreams;
  readonly liveMetrics: LiveMetrics;
};

/** What a procedure knows beside its input. */
export type Context = Resources & {
  readonly caller: Caller;
  /** Whether the caller's key still holds: a stream outlives the check at its start. */
  readonly stillValid: () => Promise<boolean>;
  readonly traceId: string;
};
