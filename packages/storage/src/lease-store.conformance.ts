import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault } from "./conformance/store-under-test.testing.ts";
import { StoreUnavailableError } from "./event-store.ts";
import type { Lease, LeaseStore } from "./lease-store.ts";

export type LeaseStoreUnderTest = {
  readonly store: LeaseStore;
  /** Opens the same leases a second time, as another process does. */
  openSecond(): Promise<LeaseStore>;
  dispose(): Promise<void>;
};

/** What one of several processes does, or that time goes by for all of them. */
type Move =
  | { readonly does: "acquire" | "renew"; readonly by: number; readonly forMs: number }
  | { readonly does: "release" | "write"; readonly by: number }
  | { readonly does: "wait"; readonly forMs: number };

const holders = ["ana", "ben", "eva"] as const;
const anyHolder = fc.nat({ max: holders.length - 1 });
const anyMs = fc.integer({ min: 1, max: 30 });
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  fc.record({ does: fc.constantFrom("acquire" as const, "renew" as const), by: anyHolder, forMs: anyMs }),
  fc.record({ does: fc.constantFrom("release" as const, "write" as const), by: anyHolder }),
  fc.record({ does: fc.constant("wait" as const), forMs: anyMs }),
);

/**
 * Every promise of `LeaseStore`, as tests.
 * @param open makes a new, empty store for one test
 * @param faults the ways in which the adapter's database fails
 */
export function leaseStoreConformance(adapterName: string, open: () => Promise<LeaseStoreUnderTest>, faults: readonly Fault[] = []): void {
  const using = async (check: (subject: LeaseStoreUnderTest) => Promise<void>) => {
    const subject = await open();
    await check(subject).finally(() => subject.dispose());
  };

  describe(`${adapterName} keeps the promises of LeaseStore:`, () => {
    test("a lease is exclusive until it expires", () =>
      using(async ({ store, openSecond }) => {
        const second = await openSecond();
        expect(await store.acquire("fold", "ana", 10, 100)).toEqual({ name: "fold", holder: "ana", token: 1, expiresAtMs: 110 });
        expect(await second.acquire("fold", "ben", 10, 109)).toBeNull();
        expect(await second.acquire("fold", "ben", 10, 110)).toEqual({ name: "fold", holder: "ben", token: 2, expiresAtMs: 120 });
        expect(await store.acquire("fold", "ana", 10, 110)).toBeNull();
      }));

    test("leases of different names are independent", () =>
      using(async ({ store }) => {
        await store.acquire("fold", "ana", 10, 100);
        expect(await store.acquire("alerts", "ben", 10, 100)).toMatchObject({ name: "alerts", holder: "ben" });
      }));

    test("of several concurrent calls for a free or expired lease, one gets it", () =>
      using(async ({ store, openSecond }) => {
        const second = await openSecond();
        for (const nowMs of [100, 200]) {
          const racers = [store, second, store, second].map((racer, i) => racer.acquire("fold", `${nowMs}-${i}`, 10, nowMs));
          expect((await Promise.all(racers)).filter((lease) => lease !== null)).toHaveLength(1);
        }
      }));

    test("acquiring one's own lease extends it under the same token, also after it expired", () =>
      using(async ({ store }) => {
        const lease = await acquired(store, "ana", 100);
        expect(await store.acquire("fold", "ana", 10, 105)).toEqual({ ...lease, expiresAtMs: 115 });
        expect(await store.acquire("fold", "ana", 10, 500)).toEqual({ ...lease, expiresAtMs: 510 });
      }));

    test("a renewed lease is exclusive until its new end", () =>
      using(async ({ store, openSecond }) => {
        const lease = await acquired(store, "ana", 100);
        expect(await store.renew(lease, 10, 108)).toEqual({ ...lease, expiresAtMs: 118 });
        expect(await (await openSecond()).acquire("fold", "ben", 10, 117)).toBeNull();
      }));

    test("an expired lease can be renewed until another holder takes it", () =>
      using(async ({ store, openSecond }) => {
        const lease = await acquired(store, "ana", 100);
        expect(await store.renew(lease, 10, 150)).toEqual({ ...lease, expiresAtMs: 160 });
        await acquired(await openSecond(), "ben", 160);
        expect(await store.renew(lease, 10, 161)).toBeNull();
        expect(await store.renew(lease, 10, 999)).toBeNull();
      }));

    test("a released lease is free at once, under a new token, also for its former holder", () =>
      using(async ({ store, openSecond }) => {
        const second = await openSecond();
        await store.release(await acquired(store, "ana", 100));
        const next = await acquired(second, "ben", 100);
        expect(next.token).toBe(2);
        await second.release(next);
        expect((await acquired(second, "ben", 100)).token).toBe(3);
      }));

    test("a released lease is lost to its former holder", () =>
      using(async ({ store }) => {
        const lease = await acquired(store, "ana", 100);
        await store.release(lease);
        expect(await store.renew(lease, 10, 101)).toBeNull();
        expect(await store.writeRecord(lease, "progress", "1")).toBe("lost");
      }));

    test("releasing a lost lease does not take it from its new holder", () =>
      using(async ({ store, openSecond }) => {
        const lost = await acquired(store, "ana", 100);
        const held = await acquired(await openSecond(), "ben", 110);
        await store.release(lost);
        expect(await store.acquire("fold", "ana", 10, 111)).toBeNull();
        expect(await store.writeRecord(held, "progress", "1")).toBe("written");
      }));

    test("every process reads a record as it was last written, and null if none was", () =>
      using(async ({ store, openSecond }) => {
        const second = await openSecond();
        const lease = await acquired(store, "ana", 100);
        expect(await second.readRecord("progress")).toBeNull();
        for (const value of ["1", "", "zwölf 🦊"]) {
          expect(await store.writeRecord(lease, "progress", value)).toBe("written");
          expect(await second.readRecord("progress")).toBe(value);
        }
        expect(await second.readRecord("other")).toBeNull();
      }));

    test("a lost lease writes nothing; an expired one still does until another holder takes it", () =>
      using(async ({ store, openSecond }) => {
        const old = await acquired(store, "ana", 100);
        // A write names no time: the lease may long be over.
        expect(await store.writeRecord(old, "progress", "ana's")).toBe("written");
        const next = await acquired(await openSecond(), "ben", 110);
        expect(await store.writeRecord(old, "progress", "too late")).toBe("lost");
        expect(await store.readRecord("progress")).toBe("ana's");
        expect(await store.writeRecord(next, "progress", "ben's")).toBe("written");
      }));

    test("a lease that its first holder takes again has a new token", () =>
      using(async ({ store, openSecond }) => {
        const first = await acquired(store, "ana", 100);
        await acquired(await openSecond(), "ben", 110);
        const again = await acquired(store, "ana", 120);
        expect(again.token).toBe(3);
        expect(await store.writeRecord(first, "progress", "1")).toBe("lost");
        expect(await store.renew(first, 10, 121)).toBeNull();
      }));

    test("for any calls of several holders: never two at once by the clock, tokens only rise, and a lost lease writes nothing", () =>
      fc.assert(
        fc.asyncProperty(fc.array(anyMove, { maxLength: 40 }), (moves) =>
          using(async ({ store, openSecond }) => {
            const stores = [store, await openSecond(), store];
            await play(stores, moves);
          }),
        ),
        { numRuns: 50 },
      ));

    for (const fault of faults) {
      test(`a call that ${fault.name} ended can be made again with the same result`, async () => {
        for (const { prepare, call, expected } of trials) {
          let wasReached = true;
          for (let n = 1; wasReached; n++) {
            await using(async ({ store }) => {
              const lease = await prepare(store);
              const armed = fault.armNth(n);
              const failed = await call(store, lease).then(
                () => null,
                (error: unknown) => error,
              );
              wasReached = armed.disarm();
              if (failed !== null) expect(failed).toBeInstanceOf(StoreUnavailableError);
              expect(await call(store, lease)).toEqual(expected);
              expect(await store.acquire("other", "ana", 10, 100)).toMatchObject({ token: 1 });
            });
          }
        }
      });
    }
  });
}

type Trial = {
  readonly prepare: (store: LeaseStore) => Promise<Lease>;
  readonly call: (store: LeaseStore, lease: Lease) => Promise<unknown>;
  readonly expected: unknown;
};

const held = { name: "fold", holder: "ana", token: 1, expiresAtMs: 110 };
const trials: readonly Trial[] = [
  { prepare: async () => held, call: (store) => store.acquire("fold", "ana", 10, 100), expected: held },
  {
    prepare: (store) => acquired(store, "ana", 100),
    call: (store, lease) => store.renew(lease, 10, 105),
    expected: { ...held, expiresAtMs: 115 },
  },
  { prepare: (store) => acquired(store, "ana", 100), call: (store, lease) => store.release(lease), expected: undefined },
  {
    prepare: (store) => acquired(store, "ana", 100),
    call: (store, lease) => store.writeRecord(lease, "progress", "1"),
    expected: "written",
  },
];

async function acquired(store: LeaseStore, holder: string, nowMs: number): Promise<Lease> {
  const lease = await store.acquire("fold", holder, 10, nowMs);
  if (lease === null) throw new Error(`${holder} did not get the lease`);
  return lease;
}

/** Plays the moves and checks after each. Everybody remembers every lease it was ever given, and tries the old ones again. */
async function play(stores: readonly LeaseStore[], moves: readonly Move[]): Promise<void> {
  const newest = new Map<number, Lease>();
  const given: Lease[] = [];
  let nowMs = 1_000;
  let record: string | null = null;

  const take = (by: number, lease: Lease | null) => {
    if (lease === null) return;
    expect(lease.token).toBeGreaterThanOrEqual(Math.max(0, ...given.map(({ token }) => token)));
    expect(given.filter(({ token }) => token === lease.token).every(({ holder }) => holder === lease.holder)).toBe(true);
    given.push(lease);
    newest.set(by, lease);
    const believers = [...newest.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    expect(believers.map(({ holder }) => holder)).toEqual([lease.holder]);
  };

  for (const [step, move] of moves.entries()) {
    if (move.does === "wait") {
      nowMs += move.forMs;
      continue;
    }
    const store = stores[move.by] as LeaseStore;
    const own = newest.get(move.by);
    if (move.does === "acquire") take(move.by, await store.acquire("fold", holders[move.by] as string, move.forMs, nowMs));
    else if (own === undefined) continue;
    else if (move.does === "renew") take(move.by, await store.renew(own, move.forMs, nowMs));
    else if (move.does === "release") {
      await store.release(own);
      newest.delete(move.by);
    } else {
      const newestToken = Math.max(...given.map(({ token }) => token));
      const outcome = await store.writeRecord(own, "progress", `${step}`);
      expect(outcome).toBe(own.token === newestToken ? "written" : "lost");
      if (outcome === "written") record = `${step}`;
      expect(await store.readRecord("progress")).toBe(record);
    }
  }
}
