import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";

const name = "pseudonym-key";
const forMs = 5_000;

/**
 * Holds the secret of this process against that of the first that ever wrote to the same data: with another one the same person would be two.
 * @param fingerprint of the secret
 * @param holder another text for every process
 * @returns false when it is another secret
 * @throws {StoreUnavailableError} while somebody else is writing down the first one, too
 */
export async function agreesOnPseudonyms(leases: LeaseStore, fingerprint: string, holder: string, nowMs: number): Promise<boolean> {
  const known = await leases.readRecord(name);
  if (known !== null) return known === fingerprint;
  const lease = await leases.acquire(name, holder, forMs, nowMs);
  if (lease === null) throw new StoreUnavailableError("another process is the first one just now");
  // It may have become the first one since the look.
  const first = (await leases.readRecord(name)) ?? fingerprint;
  if ((await leases.writeRecord(lease, name, first)) === "lost")
    throw new StoreUnavailableError("another process is the first one just now");
  await leases.release(lease);
  return first === fingerprint;
}

/** @returns whether the data is known to be written under the secret of this fingerprint; it never makes it the first one */
export async function knowsPseudonyms(leases: Pick<LeaseStore, "readRecord">, fingerprint: string): Promise<boolean> {
  return (await leases.readRecord(name)) === fingerprint;
}
