import type { Caller } from "@trinity/auth/caller";
import type { AskedIn, Query } from "@trinity/query/query";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import type { EventStore } from "@trinity/storage/event-store";
import type { KeyStore } from "@trinity/storage/key-store";
import type { LiveLog } from "./live-log.ts";
import type { LiveMetrics } from "./live-metrics.ts";
import type { LiveStreams } from "./live-streams.ts";
import type { StoreWatch } from "./store-watch.ts";
import type { Turns } from "./turns.ts";

/** How far the log and the fold have come, for those who wait for them. */
export type StoreProgress = Pick<EventStore, "headSeq" | "readWatermark">;

/** What the process has, the same for all calls. */
export type Resources = {
  /** The one way to an answer. */
  readonly query: Query;
  readonly progress: StoreProgress;
  readonly keys: KeyStore;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly watch: StoreWatch;
  readonly streams: LiveStreams;
  readonly liveMetrics: LiveMetrics;
  readonly liveLog: LiveLog;
  /** Of live streams. */
  readonly turns: Turns;
};

/** What a procedure knows beside its input. */
export type Context = Resources & {
  readonly caller: Caller;
  /** Whether the caller's key still holds: a stream outlives the check at its start. */
  readonly stillValid: () => Promise<boolean>;
  readonly traceId: string;
  /** The same for all calls of a batch. */
  readonly request: AskedIn;
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal;
};
