import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anonymiseEvent } from "@trinity/anonymization/anonymise-event";
import { createPseudonymiser, fingerprintOf } from "@trinity/anonymization/pseudonym";
import { failed, ok, unwrap } from "@trinity/runtime/result";
import { noonMs } from "@trinity/storage/store-examples";
import { agreesOnPseudonyms } from "@trinity/store-factory/agreed-pseudonyms";
import { loadPseudonymKey } from "@trinity/store-factory/pseudonym-key";
import { type Stores, storesOf } from "@trinity/store-factory/stores";
import { continueLogCheck } from "@trinity/verification/log-check";
import Sqlite from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openLogCheckLease } from "./log-check-lease.ts";

const clock = { nowMs: () => noonMs };
const never = (_: number, signal = AbortSignal.any([])) =>
  new Promise<void>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
/** A UUID, one stored as a digest because it contains its user, and two that are stored unchanged. */
const eventIds = ["0199a1b2-0000-7000-8000-000000000001", "vote:user-1:9", "fact:0-1:77", "e_short"];

/** A folder as the ingest process leaves it: a registered secret and one chunk. */
async function ingested() {
  const dataDir = await mkdtemp(join(tmpdir(), "trinity-check-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const stores = await storesOf({
    TRINITY_STORE: "sqlite",
    TRINITY_DATA_DIR: dataDir,
    DYNAMODB_ENDPOINT: undefined,
    AWS_REGION: "eu-west-1",
    TRINITY_TABLE_PREFIX: "t-",
  });
  const pseudonymiser = createPseudonymiser(unwrap(loadPseudonymKey(undefined, dataDir, false)).secret);
  const leases = stores.openLeaseStore("readwrite");
  expect(await agreesOnPseudonyms(leases, fingerprintOf(pseudonymiser), "ingest", noonMs)).toBe(true);
  await leases.close();
  const events = eventIds.map((eventId) =>
    anonymiseEvent(
      {
        eventId,
        eventType: "join_room",
        timestampMs: noonMs,
        userId: "user-1",
        roomId: "room-1",
        sessionId: null,
        properties: {},
        context: {},
        source: { system: "app" },
      },
      noonMs,
      pseudonymiser,
    ),
  );
  const repeat = { receivedAtMs: noonMs, events, rejections: [] };
  const store = stores.openEventStore("readwrite");
  onTestFinished(() => store.close());
  await store.append(repeat);
  return { dataDir, stores, store, repeat };
}

function loseEventIds(dataDir: string): void {
  const log = new Sqlite(join(dataDir, "log.db"));
  log.exec("DELETE FROM event_id");
  log.close();
}

async function checkOnce(stores: Stores, readKey: () => ReturnType<typeof loadPseudonymKey>) {
  const lease = await openLogCheckLease(stores, readKey, clock, never);
  try {
    const settings = { nowMs: clock.nowMs, throttle: async () => {}, passEveryMs: 1, record: lease.record };
    return await continueLogCheck(lease.check, null, settings);
  } finally {
    await lease.close();
  }
}

test("with the secret of the data, every event whose row was lost counts once again, whatever its id looks like", async () => {
  const { dataDir, stores, store, repeat } = await ingested();
  loseEventIds(dataDir);
  expect(await checkOnce(stores, () => loadPseudonymKey(undefined, dataDir, true))).toMatchObject({ damaged: [], mended: 4 });
  expect((await store.append(repeat)).duplicate).toEqual([true, true, true, true]);
});

test.each([
  ["another secret", () => ok({ secret: Buffer.alloc(32, 1), isNew: false })],
  ["no secret", () => failed(["pseudonym.key: is missing"] as const)],
])("with %s, only ids that say their keys are mended, and the others are named", async (_, readKey) => {
  const { dataDir, stores } = await ingested();
  loseEventIds(dataDir);
  const { damaged, mended } = await checkOnce(stores, readKey);
  expect(mended).toBe(2);
  expect(damaged).toEqual([expect.stringContaining("2 events of the log have no row of their own in event_id")]);
});
