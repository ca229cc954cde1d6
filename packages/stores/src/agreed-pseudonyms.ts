import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";

const name = "pseudonym-key";
const forMs = 5_000;

/**
 * Holds the secret of this process against that of the first that ever wrote to the same data: with another one the same person would be two.
 * @param holder another text for every process
 * @returns false when it is another secret
 * @throws {StoreUnavailableError} while somebody else is writing down the first one, too
 */
export async function agreesOnPseudonyms(
  leases: LeaseStore,
  pseudonymiser: Pseudonymiser,
  holder: string,
  nowMs: number,
): Promise<boolean> {
  const fingerprint = fingerprintOf(pseudonymiser);
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

/** @returns whether the data is known to be written under this secret; it never makes it the first one */
export async function knowsPseudonyms(leases: Pick<LeaseStore, "readRecord">, pseudonymiser: Pseudonymiser): Promise<boolean> {
  return (await leases.readRecord(name)) === fingerprintOf(pseudonymiser);
}

/** What the secret makes of a fixed text; the secret does not follow from it. */
function fingerprintOf(pseudonymiser: Pseudonymiser): string {
  return pseudonymiser.pseudonymOf("property", "fingerprint");
}
