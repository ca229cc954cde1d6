import type { Lease, LeaseStore } from "@trinity/storage/lease-store";

/** A released lease has no holder and keeps its token, so that no token is used twice. */
type LeaseState = { readonly holder: string | null; readonly token: number; readonly expiresAtMs: number };

const neverTaken: LeaseState = { holder: null, token: 0, expiresAtMs: 0 };

/** Leases and records in memory, for tests. */
export function openMemoryLeaseStore(): LeaseStore {
  const states = new Map<string, LeaseState>();
  const records = new Map<string, string>();
  const stateOf = (name: string) => states.get(name) ?? neverTaken;
  const isLost = ({ name, holder, token }: Lease) => stateOf(name).holder !== holder || stateOf(name).token !== token;

  function extend(lease: Omit<Lease, "expiresAtMs">, expiresAtMs: number): Lease {
    const { name, holder, token } = lease;
    states.set(name, { holder, token, expiresAtMs });
    return { name, holder, token, expiresAtMs };
  }

  return {
    acquire: async (name, holder, forMs, nowMs) => {
      const was = stateOf(name);
      if (was.holder === holder) return extend({ name, holder, token: was.token }, nowMs + forMs);
      if (was.holder !== null && was.expiresAtMs > nowMs) return null;
      return extend({ name, holder, token: was.token + 1 }, nowMs + forMs);
    },
    renew: async (lease, forMs, nowMs) => (isLost(lease) ? null : extend(lease, nowMs + forMs)),
    release: async (lease) => {
      if (!isLost(lease)) states.set(lease.name, { ...neverTaken, token: lease.token });
    },
    readRecord: async (name) => records.get(name) ?? null,
    writeRecord: async (lease, name, value) => {
      if (isLost(lease)) return "lost";
      records.set(name, value);
      return "written";
    },
    close: async () => {},
  };
}
