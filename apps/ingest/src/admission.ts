import type { Clock } from "@trinity/runtime/clock";
import type { Random } from "@trinity/runtime/random";
import { type Failed, failed, ok, type Result } from "@trinity/runtime/result";
import type { IngestProblem } from "./ingest-problem.ts";
import { createRecentSum } from "./recent-sum.ts";

const mebibyte = 1024 * 1024;

/** What a request has at first that announces no length: one with a chunked body, or a call before its message is here. */
export const unannouncedBytes = 16 * 1024;

type AdmissionLimits = {
  /** All requests under way, of all senders, never have more bytes. */
  readonly bytesMax: number;
  /** A request beyond what is guaranteed to its sender is admitted up to so many bytes of all senders. */
  readonly sharedBytesMax: number;
  /** Guaranteed to the senders that have requests under way, in equal shares. */
  readonly guaranteedBytes: number;
  /** No share is smaller. */
  readonly shareBytesMin: number;
  /** While a whole request has waited longer for its answer, nothing beyond what is guaranteed is admitted. */
  readonly busyAfterMs: number;
};

const standardLimits: AdmissionLimits = {
  bytesMax: 64 * mebibyte,
  sharedBytesMax: 32 * mebibyte,
  guaranteedBytes: 4 * mebibyte,
  shareBytesMin: 64 * 1024,
  busyAfterMs: 400,
};

/** `share`: its sender has its share under way, and there is no room beyond it. `full`: there is no room at all. `late`: it has waited too long. */
export type RefusalReason = "share" | "full" | "late";

/** A request under way: from its headers until its sender is answered or has left. */
export type Admitted = {
  readonly sender: string;
  isUnderWay(): boolean;
  /** Bytes that its sender has under way, of all its requests. */
  senderBytes(): number;
  /** The request turns out to have more bytes; never fewer. */
  growTo(bytes: number): Result<null, IngestProblem>;
  /** All its bytes are here: it waits for us from the first call on. */
  markWhole(): void;
  /** Only the first call counts. */
  giveBack(): void;
};

export type Admission = {
  /** Admits a request from its headers, or says when its sender may come back. */
  admit(sender: string, bytes: number): Result<Admitted, IngestProblem>;
  refuse(reason: RefusalReason, bytes: number): Failed<IngestProblem>;
  /** So many bytes were worked on: this is how fast what waits becomes less. */
  noteWorked(bytes: number): void;
  /** Whole seconds until what waits, and what was refused just now, may have been worked on. */
  retryAfterS(): number;
  bytesUnderWay(): number;
  /** How long the oldest whole request has waited for its answer; 0 when none does. */
  oldestWaitMs(): number;
};

export type AdmissionSettings = {
  /** Never goes back. */
  readonly clock: Clock;
  readonly random: Random;
  readonly onRefused?: (reason: RefusalReason) => void;
  readonly limits?: Partial<AdmissionLimits>;
};

/** At least so much is worked on a second: a store that stops for a moment sends nobody away for long. */
const workedBytesPerSecondMin = mebibyte;
const workedWindowMs = 2_000;
const refusedWindowMs = 1_000;
const retryAfterMaxS = 30;
/** So much longer or shorter, that those who were refused together do not come back together. */
const jitter = 0.25;

/**
 * Decides which requests may be under way, by their bytes: a noisy sender only meets its own limit. A request is always admitted, while there is
 * room, when it is the only one of its sender or within the share of its sender; others only while nothing waits for long.
 */
export function createAdmission({ clock, random, onRefused = () => {}, limits: given }: AdmissionSettings): Admission {
  const limits = { ...standardLimits, ...given };
  const senders = new Map<string, { bytes: number; requests: number }>();
  /** When the whole requests were whole, oldest first. */
  const wholeAtMs = new Map<Admitted, number>();
  const workedBytes = createRecentSum(workedWindowMs);
  const refusedBytes = createRecentSum(refusedWindowMs);
  let underWay = 0;

  function oldestWaitMs(): number {
    for (const atMs of wholeAtMs.values()) return clock.nowMs() - atMs;
    return 0;
  }

  function retryAfterS(): number {
    const nowMs = clock.nowMs();
    const workedPerSecond = Math.max(workedBytesPerSecondMin, workedBytes.over(nowMs) / (workedWindowMs / 1_000));
    const seconds = ((underWay + refusedBytes.over(nowMs)) / workedPerSecond) * (1 - jitter + 2 * jitter * random());
    return Math.min(retryAfterMaxS, Math.max(1, Math.ceil(seconds)));
  }

  function refuse(reason: RefusalReason, bytes: number): Failed<IngestProblem> {
    onRefused(reason);
    refusedBytes.add(bytes, clock.nowMs());
    return failed({ kind: "too_much_under_way", permanent: false, detail: details[reason], retryAfterS: retryAfterS() });
  }

  /** @returns why so many more bytes may not be under way; null when they may */
  function reasonAgainst(bytes: number, sender: { readonly bytes: number }, isOnly: boolean): RefusalReason | null {
    if (underWay + bytes > limits.bytesMax) return "full";
    const shareBytes = Math.max(limits.shareBytesMin, limits.guaranteedBytes / senders.size);
    if (isOnly || sender.bytes + bytes <= shareBytes) return null;
    return underWay + bytes > limits.sharedBytesMax || oldestWaitMs() > limits.busyAfterMs ? "share" : null;
  }

  return {
    refuse,
    retryAfterS,
    oldestWaitMs,
    bytesUnderWay: () => underWay,
    noteWorked: (bytes) => workedBytes.add(bytes, clock.nowMs()),
    admit(name, bytes) {
      const sender = senders.get(name) ?? { bytes: 0, requests: 0 };
      if (sender.requests === 0) senders.set(name, sender);
      const reason = reasonAgainst(bytes, sender, sender.requests === 0);
      if (reason !== null) {
        if (sender.requests === 0) senders.delete(name);
        return refuse(reason, bytes);
      }
      let mine = 0;
      let isUnderWay = true;
      const take = (more: number) => {
        mine += more;
        sender.bytes += more;
        underWay += more;
      };
      take(bytes);
      sender.requests += 1;
      const admitted: Admitted = {
        sender: name,
        isUnderWay: () => isUnderWay,
        senderBytes: () => sender.bytes,
        growTo(wanted) {
          const more = wanted - mine;
          if (more <= 0 || !isUnderWay) return ok(null);
          const against = reasonAgainst(more, sender, sender.requests === 1);
          if (against !== null) return refuse(against, more);
          take(more);
          return ok(null);
        },
        markWhole() {
          if (isUnderWay && !wholeAtMs.has(admitted)) wholeAtMs.set(admitted, clock.nowMs());
        },
        giveBack() {
          if (!isUnderWay) return;
          isUnderWay = false;
          take(-mine);
          sender.requests -= 1;
          if (sender.requests === 0) senders.delete(name);
          wholeAtMs.delete(admitted);
        },
      };
      return ok(admitted);
    },
  };
}

const details = {
  share: "Too many bytes of this key are under way.",
  full: "Too many bytes are under way.",
  late: "The request has waited too long.",
} as const satisfies Record<RefusalReason, string>;
