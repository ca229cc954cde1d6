import { createRepeating } from "@trinity/runtime/repeating";
import type { Sleep } from "@trinity/runtime/sleep";
import type { Turns } from "./turns.ts";

/** Why a stream ends that its reader did not leave: the reader may connect again. */
export class StreamEnded extends DOMException {
  constructor() {
    super("the stream was ended", "AbortError");
  }
}

export type OpenStream = {
  /** Aborts when the reader leaves, its key is revoked, or the process stops. */
  readonly signal: AbortSignal;
  close(): void;
};

export type LiveStreams = {
  /**
   * @param stillValid whether the reader's key holds; asked again while the stream is open
   * @returns `null` when there are as many streams as the process carries
   */
  open(reader: AbortSignal, stillValid: () => Promise<boolean>): OpenStream | null;
  readonly isFull: boolean;
  readonly count: number;
  /** Ends all streams, and every one that is opened from now on. */
  endAll(): void;
};

const recheckEveryMs = 10_000;

/** Counts the live streams of the process and holds what ends them. */
export function createLiveStreams(streamsMax: number, sleep: Sleep, turns: Turns): LiveStreams {
  const streams = new Map<AbortController, () => Promise<boolean>>();
  let ending = false;

  async function recheck(): Promise<void> {
    await Promise.all(Array.from(streams, ([stream, stillValid]) => endUnlessValid(stream, stillValid)));
  }

  async function endUnlessValid(stream: AbortController, stillValid: () => Promise<boolean>): Promise<void> {
    await turns.next();
    // Keys that cannot be read now are no reason to cut anybody off.
    if (!(await stillValid().catch(() => true))) stream.abort(new StreamEnded());
  }

  const rechecking = createRepeating(recheck, recheckEveryMs, sleep);

  function open(reader: AbortSignal, stillValid: () => Promise<boolean>): OpenStream | null {
    if (streams.size >= streamsMax) return null;
    const stream = new AbortController();
    const leave = () => stream.abort(new StreamEnded());
    const close = () => {
      reader.removeEventListener("abort", leave);
      streams.delete(stream);
      if (streams.size === 0) rechecking.stop();
    };
    streams.set(stream, stillValid);
    rechecking.start();
    // Also when nobody ever reads from the stream, and so nobody closes it.
    stream.signal.addEventListener("abort", close);
    reader.addEventListener("abort", leave);
    if (ending || reader.aborted) leave();
    return { signal: stream.signal, close };
  }

  return {
    open,
    get isFull() {
      return streams.size >= streamsMax;
    },
    get count() {
      return streams.size;
    },
    endAll() {
      ending = true;
      for (const stream of streams.keys()) stream.abort(new StreamEnded());
    },
  };
}
