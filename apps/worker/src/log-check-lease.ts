import { randomUUID } from "node:crypto";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { holdLease, LeaseLostError } from "@trinity/storage/held-lease";
import type { loadPseudonymKey } from "@trinity/store-factory/pseudonym-key";
import type { Stores } from "@trinity/store-factory/stores";
import { logCheckName, readLogCheck } from "@trinity/verification/log-check";
import { keyOfStoredUnder } from "./key-of-stored.ts";
import type { LogCheckLease } from "./log-checker.ts";

/** How long others wait for a process that died. */
const leaseForMs = 15_000;

/**
 * @param readKey reads the secret of the pseudonyms, without creating one
 * @throws {StoreUnavailableError} while there is no log, or another process checks it
 */
export async function openLogCheckLease(
  stores: Stores,
  readKey: () => ReturnType<typeof loadPseudonymKey>,
  clock: Clock,
  sleep: Sleep,
): Promise<LogCheckLease> {
  const opened = new AsyncDisposableStack();
  try {
    // Only checks files that another process created.
    const store = stores.openEventStore("readonly");
    await store
      .headSeq()
      .catch((error: unknown) => {
        // The check itself reports a missing log.
        if (!(error instanceof DamagedDataError)) throw error;
      })
      .finally(() => store.close());
    const leases = stores.openLeaseStore("readwrite");
    opened.defer(() => leases.close());
    const lease = await holdLease({ leases, name: logCheckName, holder: randomUUID(), forMs: leaseForMs, clock, pause: sleep });
    if (lease === null) throw new StoreUnavailableError("another process checks this log");
    opened.defer(() => lease.release());
    const { check, close } = stores.openLogCheck(await keyOfStoredUnder(readKey(), leases));
    opened.defer(close);
    return {
      check,
      before: await readLogCheck(leases),
      lost: lease.lost,
      record: async (state) => {
        if ((await lease.write(logCheckName, JSON.stringify(state))) === "lost")
          throw new LeaseLostError("another process checks this log");
      },
      close: () => opened.disposeAsync(),
    };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
