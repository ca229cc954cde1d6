import { createCredential, removeExpiredCredentials } from "@trinity/auth/credential";
import type { Clock } from "@trinity/runtime/clock";
import type { Stores } from "@trinity/store-factory/stores";

export type LoginLinkSettings = {
  /** The URL of the API. */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
};

/** @returns a link that logs one browser in as `admin`, once; only its hash is kept */
export async function createLoginLink(stores: Stores, { apiUrl, clock, randomBytes }: LoginLinkSettings): Promise<string> {
  const keys = stores.openKeyStore();
  try {
    const nowMs = clock.nowMs();
    await removeExpiredCredentials(keys, nowMs);
    const { presented, record } = createCredential({ kind: "login", role: "admin", nowMs, randomBytes });
    await keys.put(record);
    // In the fragment: a browser sends it to no server and puts it in no referrer.
    return `${apiUrl}/login#${presented}`;
  } finally {
    await keys.close();
  }
}
