import { randomUUID } from "node:crypto";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { Lease, LeaseStore } from "@trinity/storage/lease-store";
import { type Condition, conditionFields, Dynamo, type DynamoSettings, type Item, type ItemKey } from "./client/dynamo.ts";

const lostRacesMax = 20;

/** A lease as it is stored. `holder` is null after a release. */
type StoredLease = { readonly holder: string | null; readonly token: number; readonly expiresAtMs: number };

/**
 * Opens leases and fenced records in the table `state`. Every write requires that the item is still the one that was read, and has a unique id. So
 * a write whose response was lost is recognised, and a delayed or repeated write has no effect.
 */
export function openDynamoLeaseStore(settings: DynamoSettings): LeaseStore {
  const dynamo = new Dynamo(settings);

  /** @param decide returns the new lease, or null to change nothing */
  async function change(name: string, decide: (was: StoredLease | null) => StoredLease | null): Promise<StoredLease | null> {
    const key = leaseKey(name);
    for (let tries = 1; tries <= lostRacesMax; tries++) {
      const item = await dynamo.get("leases", "state", key);
      const next = decide(item === null ? null : storedOf(item));
      if (next === null) return null;
      const writing = randomUUID();
      const outcome = await dynamo.putIf("leases", "state", { ...key, ...next, writing }, unchanged(item));
      if (outcome.written || outcome.found?.writing === writing) return next;
    }
    throw new StoreUnavailableError(`gave up after ${lostRacesMax} conflicting changes of the lease ${name}`);
  }

  return {
    async acquire(name, holder, forMs, nowMs) {
      const expiresAtMs = nowMs + forMs;
      const taken = await change(name, (was) => {
        if (was === null) return { holder, token: 1, expiresAtMs };
        if (was.holder === holder) return { ...was, expiresAtMs };
        const isFree = was.holder === null || was.expiresAtMs <= nowMs;
        return isFree ? { holder, token: was.token + 1, expiresAtMs } : null;
      });
      return taken === null ? null : { name, holder, token: taken.token, expiresAtMs };
    },
    async renew(lease, forMs, nowMs) {
      const expiresAtMs = nowMs + forMs;
      const renewed = await change(lease.name, (was) => (isHeldAs(was, lease) ? { ...was, expiresAtMs } : null));
      return renewed === null ? null : { ...lease, expiresAtMs };
    },
    async release(lease) {
      await change(lease.name, (was) => (isHeldAs(was, lease) ? { ...was, holder: null } : null));
    },
    async readRecord(name) {
      const item = await dynamo.get("leases", "state", recordKey(name));
      return item === null ? null : (item.value as string);
    },
    async writeRecord(lease, name, value) {
      const key = recordKey(name);
      for (let tries = 1; tries <= lostRacesMax; tries++) {
        const item = await dynamo.get("leases", "state", key);
        const writing = randomUUID();
        const failed = await dynamo.transact("leases", [
          { ConditionCheck: { TableName: dynamo.nameOf("state"), Key: leaseKey(lease.name), ...conditionFields(heldAs(lease)) } },
          { Put: { TableName: dynamo.nameOf("state"), Item: { ...key, value, writing }, ...conditionFields(unchanged(item)) } },
        ]);
        if (failed === null) return "written";
        // An attempt whose response was lost may have succeeded.
        const found = await dynamo.get("leases", "state", key);
        if (found?.writing === writing) return "written";
        if (failed.includes(0)) return "lost";
      }
      throw new StoreUnavailableError(`gave up after ${lostRacesMax} conflicting writes of the record ${name}`);
    },
    close: async () => dynamo.close(),
  };
}

function leaseKey(name: string): ItemKey {
  return { pk: `lease#${name}`, sk: "lease" };
}

function recordKey(name: string): ItemKey {
  return { pk: `record#${name}`, sk: "record" };
}

function storedOf({ holder, token, expiresAtMs }: Item): StoredLease {
  return { holder: holder as string | null, token: token as number, expiresAtMs: expiresAtMs as number };
}

function isHeldAs(was: StoredLease | null, { holder, token }: Lease): was is StoredLease {
  return was !== null && was.holder === holder && was.token === token;
}

function heldAs({ holder, token }: Lease): Condition {
  return {
    expression: "holder = :holder AND #token = :token",
    names: { "#token": "token" },
    values: { ":holder": holder, ":token": token },
  };
}

function unchanged(item: Item | null): Condition {
  return item === null
    ? { expression: "attribute_not_exists(pk)" }
    : { expression: "writing = :writing", values: { ":writing": item.writing } };
}
