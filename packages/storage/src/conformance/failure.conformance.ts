import { tierMs } from "@trinity/aggregation/bucket";
import { emptyWatermark } from "@trinity/aggregation/fold";
import { describe, expect, test } from "vitest";
import { type EventStore, StoreUnavailableError } from "../event-store.ts";
import { contentsOf } from "./store-contents.testing.ts";
import { aCell, aRejection, batchOf, fillLog, newEvent, noonMs, stepFrom, title } from "./store-examples.testing.ts";
import { type Fault, type OpenStore, usingStore } from "./store-under-test.testing.ts";

/** Ways in which the database of a store from `open` fails, and an empty store that never fails, to compare with. */
export type Failures = {
  readonly faults: readonly Fault[];
  /** Whether the writes of verification are made to fail as well, beside those that take and count events. */
  readonly inVerification: boolean;
  readonly open: OpenStore;
  readonly openReference: () => EventStore;
};

/** A change to a store, and what must be in the store before. */
type Trial = { readonly prepare: (store: EventStore) => Promise<unknown>; readonly change: (store: EventStore) => Promise<unknown> };

const first = batchOf([newEvent("a"), newEvent("b")]);
const second = batchOf([newEvent("d"), newEvent("b"), newEvent("c", { sessionId: null, userId: null })], [aRejection("x")]);

const appending: Trial = { prepare: (store) => store.append(first), change: (store) => store.append(second) };

const cells = [aCell({ tier: "minute" }), aCell({ amounts: { 0: 1, 9_000: 1 } }), aCell({ value: "drama" })];
const firstStep = stepFrom(emptyWatermark, { cells, entities: [title("movie:1"), title("movie:2")] });
const secondStep = stepFrom(firstStep.to, {
  to: { minutesFromMs: noonMs + tierMs.minute },
  cells: [aCell({ amounts: { 0: 1, 9_000: -1 } }), aCell({ value: "drama", amounts: { 0: -1 } }), aCell({ set: "match" })],
  entities: [title("movie:3"), { kind: "title", key: "movie:1", value: null }],
  index: [{ kind: "user", key: "user-1", seq: 2 }],
});

async function foldFirst(store: EventStore): Promise<void> {
  await fillLog(store, secondStep.to.seq);
  await store.commitFold(firstStep);
}

const folding: Trial = {
  prepare: foldFirst,
  change: (store) => store.commitFold(secondStep),
};

const hour = { set: "vote/genre", tier: "hour", bucketMs: noonMs } as const;

const repairing: Trial = {
  prepare: foldFirst,
  change: (store) =>
    store.commitRepair({
      from: firstStep.to,
      repairedAtMs: noonMs,
      repairs: [
        { key: { table: "entity", kind: "title", key: "movie:1" }, stored: "x", derived: null },
        { key: { table: "index", kind: "user", key: "user-1", seq: 1 }, stored: null, derived: "" },
        { key: { table: "cell", ...hour, value: "comedy" }, stored: "x", derived: "[[0,2],[1,1],[9001,1]]" },
        { key: { table: "cell", ...hour, value: "drama" }, stored: "x", derived: null },
      ],
    }),
};

const setting: Trial = {
  prepare: foldFirst,
  change: (store) =>
    store.setBucketStatus(
      [
        { ...hour, revision: 1, matches: true },
        { ...hour, tier: "minute", revision: 1, matches: true },
      ],
      noonMs,
    ),
};

const freezing: Trial = { prepare: foldFirst, change: (store) => store.freezeBefore(noonMs) };

/**
 * Makes every call from a method to its database fail once: the first, then the second, and so on until the method makes no more calls.
 */
export function failureConformance({ faults, inVerification, open, openReference }: Failures): void {
  const failEvery = (fault: Fault, trial: Trial) => failEveryCall(open, openReference(), fault, trial);

  describe.each(faults)("$name at any call", (fault) => {
    test("append stores the whole batch or nothing, and no event counts twice when it is sent again", async () => {
      expect(await failEvery(fault, appending)).toBeGreaterThan(0);
    });

    test("commitFold commits the whole step or nothing, and nothing counts twice when it is committed again", async () => {
      expect(await failEvery(fault, folding)).toBeGreaterThan(0);
    });

    if (!inVerification) return;
    test.each([
      ["commitRepair", repairing],
      ["setBucketStatus", setting],
      ["freezeBefore", freezing],
    ])("%s changes all or nothing, and completes when it is repeated", async (_method, trial) => {
      expect(await failEvery(fault, trial)).toBeGreaterThan(0);
    });
  });
}

/** @returns how many calls the method makes; each has failed once */
async function failEveryCall(open: OpenStore, reference: EventStore, fault: Fault, trial: Trial): Promise<number> {
  const after = await contentsAfter(reference, trial);
  let calls = 0;
  while (await failNthCall(open, fault, trial, calls + 1, after)) calls += 1;
  return calls;
}

/** The contents after the change when nothing fails. */
async function contentsAfter(reference: EventStore, { prepare, change }: Trial): Promise<Contents> {
  await prepare(reference);
  await change(reference);
  return contentsOf(reference);
}

/** @returns whether there was an n-th call */
async function failNthCall(open: OpenStore, fault: Fault, { prepare, change }: Trial, n: number, after: Contents): Promise<boolean> {
  let wasReached = false;
  await usingStore(open, async (subject) => {
    await prepare(subject.store);
    const before = await contentsOf(subject.store);
    // Reopened, so that what a store does at its first call can fail too.
    const store = await subject.reopen();
    const armed = fault.armNth(n);
    const error: unknown = await change(store).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    wasReached = armed.disarm();
    const left = await contentsOf(store);
    // Some calls may fail without harm: then the change is done.
    if (error === null) expect(left, `call ${n}`).toEqual(after);
    else {
      expect(error, `call ${n}`).toBeInstanceOf(StoreUnavailableError);
      expect([before, after], `call ${n}`).toContainEqual(left);
    }
    const reopened = await subject.reopen();
    expect(await contentsOf(reopened), `after a restart, call ${n}`).toEqual(left);
    await change(reopened);
    expect(countedOf(await contentsOf(reopened)), `done again, call ${n}`).toEqual(countedOf(after));
  });
  return wasReached;
}

type Contents = Awaited<ReturnType<typeof contentsOf>>;

/** The contents without the ingest counts of the batch that was sent again. */
function countedOf({ chunks, ...rest }: Contents) {
  const accepted = chunks.flatMap(({ receipts }) => receipts).filter(({ outcome }) => outcome === "accepted");
  return { ...rest, events: chunks.flatMap(({ events }) => events), accepted: accepted.reduce((sum, { count }) => sum + count, 0) };
}
