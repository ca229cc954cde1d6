import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";

const name = "pseudonym-key";
const forMs = 5_000;

/**
 * Compares the secret of this process with that of the first process that wrote to the same data. Another secret would split each person
 * into two pseudonyms.
 * @param fingerprint of the secret
 * @param holder unique for every process
 * @returns false when the secrets differ
 * @throws {StoreUnavailableError} while another process is registering the first one
 */
export async function agreesOnPseudonyms(leases: LeaseStore, fingerprint: string, holder: string, nowMs: number): Promise<boolean> {
  const known = await leases.readRecord(name);
  if (known !== null) return known === fingerprint;
  const lease = await leases.acquire(name, holder, forMs, nowMs);
  if (lease === null) throw new StoreUnavailableError("another process is registering its pseudonym key; retrying");
  // Another process may have registered its secret meanwhile.
  const first = (await leases.readRecord(name)) ?? fingerprint;
  if ((await leases.writeRecord(lease, name, first)) === "lost")
    throw new StoreUnavailableError("another process is registering its pseudonym key; retrying");
  await leases.release(lease);
  return first === fingerprint;
}

/** @returns whether the data is registered under the secret of this fingerprint; never registers it */
export async function knowsPseudonyms(leases: Pick<LeaseStore, "readRecord">, fingerprint: string): Promise<boolean> {
  return (await leases.readRecord(name)) === fingerprint;
}
