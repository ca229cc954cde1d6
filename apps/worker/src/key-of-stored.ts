import { eventKeyOf, eventKeyOfStored } from "@trinity/anonymization/event-key";
import { createPseudonymiser, fingerprintOf } from "@trinity/anonymization/pseudonym";
import type { Result } from "@trinity/runtime/result";
import type { KeyOfStored } from "@trinity/storage/check-log";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { knowsPseudonyms } from "@trinity/store-factory/agreed-pseudonyms";
import type { PseudonymKey } from "@trinity/store-factory/pseudonym-key";

/**
 * The keys of stored events. Ids that are no UUIDs have a key only under the secret that the data was written with.
 * @param key the secret of this process, or why it has none
 * @returns keys of all ids, or only of UUIDs
 */
export async function keyOfStoredUnder(
  key: Result<PseudonymKey, readonly string[]>,
  leases: Pick<LeaseStore, "readRecord">,
): Promise<KeyOfStored> {
  if (!key.ok) return eventKeyOfStored;
  const pseudonymiser = createPseudonymiser(key.value.secret);
  // Under another secret every key would be wrong.
  if (!(await knowsPseudonyms(leases, fingerprintOf(pseudonymiser)))) return eventKeyOfStored;
  return (eventId) => eventKeyOfStored(eventId) ?? eventKeyOf(eventId, pseudonymiser);
}
