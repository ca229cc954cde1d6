import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startEngine } from "@trinity/columns/engine";
import { sealNext } from "@trinity/columns/seal";
import type { SegmentBucket } from "@trinity/columns/segment-bucket";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { type EventStore, StoreTakenError } from "@trinity/storage/event-store";
import { holdLease } from "@trinity/storage/held-lease";
import type { Stores } from "@trinity/store-factory/stores";
import type { SealLease } from "./sealer.ts";

/** Where segments are sealed, and the bucket that they are published in; none where only this machine reads them. */
export type SealedPlace = { readonly segmentsDir: string; readonly bucket: SegmentBucket | null };

/** How long others wait for a process that died. */
const leaseForMs = 15_000;

/**
 * @param store reads the log
 * @throws {StoreUnavailableError} while there is no log, or another process seals it
 */
export async function openSealLease(
  stores: Pick<Stores, "openLeaseStore">,
  store: EventStore,
  { segmentsDir, bucket }: SealedPlace,
  clock: Clock,
  sleep: Sleep,
): Promise<SealLease> {
  const opened = new AsyncDisposableStack();
  try {
    const leases = stores.openLeaseStore("readwrite");
    opened.defer(() => leases.close());
    const lease = await holdLease({ leases, name: "seal", holder: randomUUID(), forMs: leaseForMs, clock, pause: sleep });
    if (lease === null) throw new StoreTakenError("another process seals this log");
    opened.defer(() => lease.release());
    // Another machine may have sealed since.
    await bucket?.pull(segmentsDir, clock.nowMs());
    // One for each run: sealing is rare, and a process that waits takes memory.
    const engine = startEngine({ spillDir: join(segmentsDir, "spill-of-sealing") });
    opened.defer(() => engine.close());
    return {
      sealNext: async (nowMs) => {
        const sealed = await sealNext({ store, engine, segmentsDir, nowMs, lost: lease.lost });
        lease.lost.throwIfAborted();
        await bucket?.publish(segmentsDir, nowMs);
        return sealed;
      },
      lost: lease.lost,
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
