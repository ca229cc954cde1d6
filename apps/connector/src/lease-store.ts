import type { Lease, LeaseStore } from "@trinity/storage/lease-store";

type Held = { readonly token: number; readonly holder: string | null; readonly expiresAtMs: number };

/**
 * The leases of the shards and their checkpoints. They live and die with the process: after a restart the streams are read from their
 * beginning, and what is told again counts once.
 */
export function openLeaseStore(): LeaseStore {
  const leases = new Map<string, Held>();
  const records = new Map<string, string>();

  const isStill = ({ name, holder, token }: Lease) => {
    const held = leases.get(name);
    return held?.token === token && held.holder === holder;
  };
  const taken = (name: string, holder: string, token: number, expiresAtMs: number): Lease => {
    leases.set(name, { token, holder, expiresAtMs });
    return { name, holder, token, expiresAtMs };
  };

  return {
    async acquire(name, holder, forMs, nowMs) {
      const held = leases.get(name) ?? { token: 0, holder: null, expiresAtMs: 0 };
      if (held.holder === holder) return taken(name, holder, held.token, nowMs + forMs);
      if (held.holder !== null && held.expiresAtMs > nowMs) return null;
      return taken(name, holder, held.token + 1, nowMs + forMs);
    },
    renew: async (lease, forMs, nowMs) => (isStill(lease) ? taken(lease.name, lease.holder, lease.token, nowMs + forMs) : null),
    async release(lease) {
      if (isStill(lease)) leases.set(lease.name, { token: lease.token, holder: null, expiresAtMs: 0 });
    },
    readRecord: async (name) => records.get(name) ?? null,
    async writeRecord(lease, name, value) {
      if (!isStill(lease)) return "lost";
      records.set(name, value);
      return "written";
    },
    close: async () => undefined,
  };
}
