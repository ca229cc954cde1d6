import { existsSync, globSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { MetricQuery } from "@trinity/aggregation/metric-query";
import { decodeVector, encodeVector } from "@trinity/aggregation/vector-codec";
import { askMetric } from "@trinity/query/asking";
import { DamagedStateError, type EventStore, StoreUnavailableError } from "@trinity/storage/event-store";
import { foldAll } from "@trinity/storage/fold-log";
import { batchOf, newEvent, noonMs } from "@trinity/storage/store-examples";
import { freezeStore } from "@trinity/verification/freeze-store";
import { reconcileFromLog, verificationCycle } from "@trinity/verification/verification-cycle";
import { verifyStore } from "@trinity/verification/verify-store";
import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { usingDataDir, usingStore } from "./data-dir.testing.ts";
import { saveSnapshot } from "./shadow-snapshot.ts";
import { openSqliteShadowState } from "./sqlite-shadow-state.ts";
import { changeEntities } from "./state-damage.testing.ts";

const dayMs = 86_400_000;
const settings = { nowMs: () => noonMs, throttle: async () => void (await turn()) };

/** What a careless hand, a failing disk or a bug may do to `state.db`, by what it is called. */
const damages: readonly (readonly [name: string, inflict: (state: Sqlite.Database) => void])[] = [
  ["a corrupted cell", (state) => changeCell(state, "vote", (vector) => vector.set(0, 4_711))],
  ["a user missing from a set of distinct users", (state) => changeCell(state, "user_activity", (vector) => vector.delete(1))],
  ["a user too many in a set of distinct users", (state) => changeCell(state, "user_activity", (vector) => vector.set(8_000, 1))],
  ["a cell whose bytes are cut", (state) => state.exec(`UPDATE cell SET vector = x'ff' WHERE ${oneCell("event")}`)],
  ["a deleted cell", (state) => state.exec(`DELETE FROM cell WHERE ${oneCell("vote/genre")}`)],
  [
    "an invented cell",
    (state) =>
      state.exec(
        `INSERT INTO cell SELECT set_id, tier, bucket_ms + ${400 * dayMs}, value, shard, vector FROM cell WHERE ${oneCell("vote")}`,
      ),
  ],
  ["a corrupted entity", (state) => changeEntities(state, oneUser, (user) => ({ ...(user as object), number: 77 }))],
  ["an entity whose bytes are cut", (state) => state.exec(`UPDATE entity SET value = substr(value, 1, 9) WHERE ${oneUser}`)],
  ["an entity that is no JSON", (state) => state.exec(`UPDATE entity SET value = x'7b' WHERE ${oneUser}`)],
  ["an entity of no bytes", (state) => state.exec(`UPDATE entity SET value = x'' WHERE ${oneUser}`)],
  ["a deleted entity", (state) => state.exec(`DELETE FROM entity WHERE ${oneUser}`)],
  [
    "a line missing from the index of the log",
    (state) => state.exec("DELETE FROM log_index WHERE kind = 'user' AND key = 'user-3' AND seq = 3"),
  ],
];
const oneUser = "kind = 'user' AND key = 'user-3'";

/** Names one cell by the day, of the first day that has any. */
function oneCell(set: string): string {
  const setId = `(SELECT id FROM cell_set WHERE name = '${set}')`;
  const first = `SELECT set_id, tier, bucket_ms, value, shard FROM cell WHERE set_id = ${setId} AND tier = 2 LIMIT 1`;
  return `(set_id, tier, bucket_ms, value, shard) = (${first})`;
}

function changeCell(state: Sqlite.Database, set: string, change: (vector: Map<number, number>) => void): void {
  const vector = decodeVector(
    state
      .prepare<[], Buffer>(`SELECT vector FROM cell WHERE ${oneCell(set)}`)
      .pluck()
      .get() as Buffer,
  );
  change(vector);
  state.prepare(`UPDATE cell SET vector = ? WHERE ${oneCell(set)}`).run(encodeVector(vector));
}

/** Alters the state as another program would: by a connection of its own. */
function alterState(dataDir: string, alter: (state: Sqlite.Database) => void): void {
  const state = new Sqlite(join(dataDir, "state.db"));
  try {
    alter(state);
  } finally {
    state.close();
  }
}

/** Four days of votes by ten people. */
async function fill(store: EventStore): Promise<void> {
  for (let day = -4; day < 0; day++) {
    const events = Array.from({ length: 40 }, (_, i) =>
      newEvent(`${day}-${i}`, { ...voter(i % 10), timestampMs: noonMs + day * dayMs + i * 60_000 }),
    );
    await store.append(batchOf(events));
    await foldAll(store, () => noonMs);
  }
}

function usingFilledDir(test: (dataDir: string) => Promise<void>): Promise<void> {
  return usingDataDir(async (dataDir) => {
    await usingStore(dataDir, fill);
    await test(dataDir);
  });
}

function voter(i: number): Parameters<typeof newEvent>[1] {
  return { userId: `user-${i}`, sessionId: i % 2 === 0 ? null : `session-${i}` } as Parameters<typeof newEvent>[1];
}

/** Lets events of the present be taken and folded all the while. @returns ends it */
function startTraffic(dataDir: string): () => Promise<number> {
  let [isStopped, appended] = [false, 0];
  const done = usingStore(dataDir, async (store) => {
    for (; !isStopped; await turn()) {
      await store.append(batchOf([newEvent(`live-${appended++}`, { ...voter(20 + (appended % 3)), timestampMs: noonMs + appended })]));
      if (appended % 3 === 0) await foldAll(store, () => noonMs);
    }
  });
  return async () => {
    isStopped = true;
    await done;
    return appended;
  };
}

test.each(damages)(
  "%s, inflicted while events are taken and folded, is found, repaired within one cycle, shown and in the audit",
  (_name, inflict) =>
    usingFilledDir((dataDir) =>
      usingStore(dataDir, async (store) => {
        const stopTraffic = startTraffic(dataDir);
        const shadowState = openSqliteShadowState(dataDir);
        expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 0 });
        expect(await store.readVerification()).toMatchObject({ repaired: 0, repairs: 0 });
        alterState(dataDir, inflict);
        expect(await verifyStore(store)).toMatchObject({ differing: 1 });

        expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 1 });
        const { repaired, repairs, lastRepairs } = await store.readVerification();
        expect(repairs).toBe(1);
        const [repair] = lastRepairs;
        expect(repaired).toBe(repair?.key.table === "cell" ? 1 : 0);
        expect(repair?.stored).not.toEqual(repair?.derived);
        expect(await stopTraffic()).toBeGreaterThan(3);
        await foldAll(store, () => noonMs);
        expect(await verifyStore(store)).toMatchObject({ differing: 0 });
        await shadowState.close();
      }),
    ),
);

test("a fold skips a cell that cannot be read and waits for an entity that cannot; after the repair it goes on", () =>
  usingFilledDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      const again = (id: string) => store.append(batchOf([newEvent(id, { ...voter(3), timestampMs: noonMs - 4 * dayMs })]));
      alterState(dataDir, (state) => state.exec(`UPDATE cell SET vector = x'ff' WHERE ${oneCell("vote")}`));
      await again("first");
      expect(await foldAll(store, () => noonMs)).toBe(1);
      await expect(store.readRollups([dayOfVotes(-4)])).rejects.toThrow();

      for (const value of ["{", "{}"]) {
        alterState(dataDir, (state) => state.prepare(`UPDATE entity SET value = ? WHERE ${oneUser}`).run(Buffer.from(value)));
        await again(`then ${value}`);
        await expect(foldAll(store, () => noonMs)).rejects.toBeInstanceOf(DamagedStateError);
        await usingRebuild(dataDir, (_, shadowState) => verificationCycle(store, shadowState, settings));
        expect(await foldAll(store, () => noonMs)).toBe(1);
      }
      expect(await verifyStore(store)).toMatchObject({ differing: 0 });
    }),
  ));

test("answers are equal before, during and after a rebuild of everything, while events are appended and folded", () =>
  usingFilledDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      const ask = async () => {
        const answers = await Promise.all(questions.map((query) => askMetric(store, query, noonMs)));
        return answers.map(({ totals }) => totals);
      };
      const before = await ask();
      const stopTraffic = startTraffic(dataDir);
      const shadowState = openSqliteShadowState(dataDir);
      let asked = 0;
      const throttle = async () => {
        await turn();
        expect(await ask()).toEqual(before);
        asked += 1;
      };
      expect(await reconcileFromLog(store, shadowState, { ...settings, throttle })).toMatchObject({ differing: 0, repaired: 0 });
      expect(asked).toBeGreaterThan(4);
      await stopTraffic();
      expect(await ask()).toEqual(before);
      await shadowState.close();
    }),
  ));

const questions: readonly MetricQuery[] = ["votes", "active_users", "new_users", "sessions"].map((metric) => ({
  metric,
  fromMs: noonMs - 5 * dayMs,
  toMs: noonMs - dayMs / 2,
  granularity: "total",
  by: [],
  filters: [],
  timeZone: "UTC",
  statistic: "mean",
  windowDays: 1,
}));

test("a rebuild restores a state that lost most of its rows, also when it is killed at any step and continued by another process", () =>
  usingDataDir(async (dataDir) => {
    await usingStore(dataDir, fill);
    let wasKilled = true;
    for (let killAt = 1; wasKilled; killAt++) {
      alterState(dataDir, (state) => state.exec("DELETE FROM cell WHERE bucket_ms % 7 <> 0; DELETE FROM entity WHERE kind = 'session'"));
      let [steps, derivedAgain] = [0, 0];
      const dying = { ...settings, throttle: async () => (++steps === killAt ? Promise.reject(new Error("killed")) : undefined) };
      wasKilled = await usingRebuild(dataDir, (...rebuild) => reconcileFromLog(...rebuild, dying)).then(
        () => false,
        (error: Error) => error.message === "killed",
      );
      if (wasKilled) {
        const onProgress = () => void (derivedAgain += 1);
        await usingRebuild(dataDir, (...rebuild) => reconcileFromLog(...rebuild, { ...settings, onProgress }));
        expect(derivedAgain).toBe(Math.max(0, 4 - killAt));
      }
      await usingStore(dataDir, async (store) => expect(await verifyStore(store)).toMatchObject({ differing: 0 }));
    }
  }));

async function usingRebuild(
  dataDir: string,
  use: (store: EventStore, shadowState: ReturnType<typeof openSqliteShadowState>) => Promise<unknown>,
): Promise<void> {
  const shadowState = openSqliteShadowState(dataDir);
  await usingStore(dataDir, async (store) => void (await use(store, shadowState))).finally(() => shadowState.close());
}

test("the incremental shadow state follows the store: a cycle folds only new chunks", () =>
  usingDataDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await fill(store);
      const derived: number[] = [];
      const cycle = () =>
        usingRebuild(dataDir, (_, shadowState) =>
          verificationCycle(store, shadowState, { ...settings, onProgress: (seq) => derived.push(seq) }),
        );
      await cycle();
      expect(derived).toEqual([1, 2, 3, 4]);
      await store.append(batchOf([newEvent("new")]));
      await foldAll(store, () => noonMs);
      await cycle();
      expect(derived).toEqual([1, 2, 3, 4, 5]);
    }),
  ));

test("a shadow state with damaged files is replaced, and the store stays unchanged", () =>
  usingDataDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await fill(store);
      await usingRebuild(dataDir, (_, shadowState) => verificationCycle(store, shadowState, settings));
      const kept = join(dataDir, "verify", catalogueFolder(dataDir), "kept");
      alterState(kept, (state) => state.exec("DELETE FROM cell; UPDATE entity SET value = x'7b'; UPDATE mark SET seq = 1"));
      await usingRebuild(dataDir, async (_, shadowState) => {
        expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 0 });
        expect(await verifyStore(store, { derived: await shadowState.incremental("empty") })).toMatchObject({ differing: 0 });
      });
    }),
  ));

test("shadow states with other measures are removed, and only their owner can read any", () =>
  usingDataDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await fill(store);
      const old = join(dataDir, "verify", "catalogue-another");
      await usingStore(join(old, "kept"), (stale) => stale.readWatermark().then(() => {}));
      await usingRebuild(dataDir, (_, shadowState) => verificationCycle(store, shadowState, settings));
      expect(existsSync(old)).toBe(false);
      for (const path of readdirSync(join(dataDir, "verify"), { recursive: true }) as string[]) {
        expect(statSync(join(dataDir, "verify", path)).mode & 0o077, path).toBe(0);
      }
    }),
  ));

test("one verifier at a time works on a data folder", () =>
  usingDataDir(async (dataDir) => {
    const first = openSqliteShadowState(dataDir);
    expect(() => openSqliteShadowState(dataDir)).toThrow(StoreUnavailableError);
    await first.close();
    await openSqliteShadowState(dataDir).close();
  }));

test("after a freeze the beginning of the log can be dropped: later buckets are still verified and repaired, frozen ones left alone", () =>
  usingFilledDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      const { frozenThrough } = await freezeAndDrop(dataDir, store);
      await store.append(batchOf([newEvent("later", { ...voter(3), timestampMs: noonMs + 1 })]));
      await foldAll(store, () => noonMs);
      const votesOfDay = (day: number) =>
        `bucket_ms = ${noonMs + day * dayMs - dayMs / 2} AND tier = 2 AND set_id = (SELECT id FROM cell_set WHERE name = 'vote')`;
      alterState(dataDir, (state) =>
        state.exec(`UPDATE cell SET vector = x'0063' WHERE ${votesOfDay(-4)}; UPDATE cell SET vector = x'0063' WHERE ${votesOfDay(-1)}`),
      );
      const keptGone = join(dataDir, "verify", catalogueFolder(dataDir), "kept");
      rmSync(keptGone, { recursive: true });
      await usingRebuild(dataDir, async (_, shadowState) => {
        expect(await verificationCycle(store, shadowState, settings)).toMatchObject({ differing: 0, repaired: 1 });
      });
      const left = (await store.readRollups([dayOfVotes(-4), dayOfVotes(-1)])).cells.map(([cell]) => cell?.amounts[1]);
      expect(left).toEqual([-50, 40]);
      expect(frozenThrough).toBe(4);
    }),
  ));

test("a missing or damaged snapshot is refused, and the store stays unchanged", () =>
  usingFilledDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await freezeAndDrop(dataDir, store);
      const before = await store.scanState(null, 100_000);
      const [base] = readdirSync(join(dataDir, "verify")).filter((name) => name.startsWith("base-"));
      const path = join(dataDir, "verify", base as string);
      const rebuild = () => usingRebuild(dataDir, (_, shadowState) => reconcileFromLog(store, shadowState, settings));
      const bytes = readFileSync(path);
      bytes[5_000] = (bytes[5_000] as number) ^ 1;
      writeFileSync(path, bytes);
      await expect(rebuild()).rejects.toThrow("the snapshot of the shadow state is damaged");
      rmSync(path);
      await expect(rebuild()).rejects.toThrow("there is no snapshot to begin at");
      expect(await store.scanState(null, 100_000)).toEqual(before);
    }),
  ));

test("nothing is frozen while a bucket changed since it was compared", () =>
  usingFilledDir((dataDir) =>
    usingStore(dataDir, async (store) => {
      await usingRebuild(dataDir, async (_, shadowState) => {
        const late: EventStore = {
          ...store,
          freezeBefore: async (beforeMs) => {
            await store.append(batchOf([newEvent("late", { timestampMs: noonMs - 4 * dayMs })]));
            await foldAll(store, () => noonMs);
            return store.freezeBefore(beforeMs);
          },
        };
        expect(await freezeStore(late, shadowState, noonMs - dayMs, settings)).toMatchObject({ outcome: "refused", differing: 0 });
        expect((await store.readVerification()).frozen).toBe(0);
      });
    }),
  ));

/** Freezes all but the last day, and drops the chunks of the first two. */
async function freezeAndDrop(dataDir: string, store: EventStore): Promise<{ frozenThrough: number }> {
  let frozenThrough = 0;
  await usingRebuild(dataDir, async (_, shadowState) => {
    const frozen = await freezeStore(store, shadowState, noonMs - 1.5 * dayMs, settings);
    if (frozen.outcome === "frozen") frozenThrough = frozen.throughSeq;
  });
  const log = new Sqlite(join(dataDir, "log.db"));
  log.exec("DELETE FROM chunk WHERE seq <= 2; DELETE FROM chunk_day WHERE seq <= 2");
  log.close();
  return { frozenThrough };
}

function dayOfVotes(day: number) {
  const fromMs = noonMs + day * dayMs - dayMs / 2;
  return { set: "vote", tier: "day", fromMs, toMs: fromMs + dayMs } as const;
}

function catalogueFolder(dataDir: string): string {
  return readdirSync(join(dataDir, "verify")).find((name) => name.startsWith("catalogue-")) as string;
}

/** Makes a state file as an older release left it, which also wrote index rows of sessions and rooms. */
function withOlderIndex(dataDir: string): void {
  alterState(dataDir, (state) =>
    state.exec(`INSERT INTO log_index VALUES ('room', 'room-1', 1), ('session', 'session-1', 1), ('session', 'session-1', 2);
      ALTER TABLE verification DROP COLUMN unsettled_buckets; PRAGMA user_version = 3; PRAGMA application_id = 1414678787`),
  );
}

function indexedKinds(dataDir: string): unknown {
  const state = new Sqlite(join(dataDir, "state.db"), { readonly: true });
  const kinds = state.prepare("SELECT DISTINCT kind FROM log_index ORDER BY kind").pluck().all();
  state.close();
  return kinds;
}

test("index rows of sessions and rooms, which older releases wrote, are dropped by the first writer", () =>
  usingFilledDir(async (dataDir) => {
    const cycle = async (store: EventStore) => {
      const shadowState = openSqliteShadowState(dataDir);
      const report = await verificationCycle(store, shadowState, settings).finally(() => shadowState.close());
      expect(report).toMatchObject({ differing: 0, repaired: 0 });
    };
    await usingStore(dataDir, cycle);
    const [shadowDir] = globSync(join(dataDir, "verify", "catalogue-*", "kept"));
    for (const dir of [dataDir, shadowDir as string]) withOlderIndex(dir);
    const oldKey = '{"table":"index","kind":"session","key":"session-1","seq":2}';
    alterState(dataDir, (state) => state.exec(`INSERT INTO repair (at_ms, part, stored, derived) VALUES (5, '${oldKey}', '', NULL)`));

    await usingStore(dataDir, async (store) => {
      await cycle(store);
      const { repairs, lastRepairs } = await store.readVerification();
      expect([repairs, lastRepairs]).toEqual([1, [{ atMs: 5, key: JSON.parse(oldKey), stored: "", derived: null }]]);
    });
    for (const dir of [dataDir, shadowDir as string]) expect(indexedKinds(dir)).toEqual(["user"]);
  }));

test("a snapshot of a shadow state with older index rows begins without them", () =>
  usingFilledDir(async (dataDir) => {
    await usingStore(dataDir, async (store) => {
      const shadowState = openSqliteShadowState(dataDir);
      await verificationCycle(store, shadowState, settings);
      await shadowState.close();
    });
    const [shadowDir] = globSync(join(dataDir, "verify", "catalogue-*", "kept"));
    withOlderIndex(shadowDir as string);
    await saveSnapshot(join(dataDir, "verify"), shadowDir as string);
    rmSync(shadowDir as string, { recursive: true });
    const shadowState = openSqliteShadowState(dataDir);
    const derived = await shadowState.incremental("snapshot");
    await usingStore(dataDir, async (store) => expect(await derived.readWatermark()).toEqual(await store.readWatermark()));
    expect(indexedKinds(shadowDir as string)).toEqual(["user"]);
    await shadowState.close();
  }));
