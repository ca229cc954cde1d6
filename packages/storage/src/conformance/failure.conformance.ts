import { readsFor } from "@trinity/aggregation/entity";
import { fold } from "@trinity/aggregation/fold";
import { describe, expect, test } from "vitest";
import { type EventStore, StoreUnavailableError } from "../event-store.ts";
import { openMemoryStore } from "../memory-event-store.ts";
import { contentsOf } from "./store-contents.testing.ts";
import { aRefusal, batchOf, newEvent } from "./store-examples.testing.ts";
import { type OpenStore, usingStore } from "./store-under-test.testing.ts";

/** More calls than any method makes: a loop that gets here never ends. */
const callsMax = 1_000;

/** Lets every call that a store makes inside a method fail once: the first, then the second, and so on until the method makes no more. */
export function failureConformance(open: OpenStore): void {
  describe("a failure at any call inside", () => {
    test("append leaves the whole batch or nothing, and sent again nothing counts twice", () =>
      failEveryCall(open, { prepare: appendFirst, change: appendSecond }));

    test("commitFold leaves the whole step or nothing, and committed again nothing counts twice", () =>
      failEveryCall(open, { prepare: appendBoth, change: foldAll }));
  });
}

type Trial = {
  /** What is done before, without failures. */
  readonly prepare: (store: EventStore) => Promise<void>;
  /** What is made to fail. Done twice it must change no more than done once, receipts of repeats aside. */
  readonly change: (store: EventStore) => Promise<void>;
};

async function failEveryCall(open: OpenStore, trial: Trial): Promise<void> {
  const [before, after] = await expectedContents(trial);
  for (let fault = 0; ; fault++) {
    for (let n = 1; ; n++) {
      const outcome = await failNthCall(open, trial, fault, n, before, after);
      if (outcome === "no such fault") return;
      if (outcome === "not reached") break;
      expect(n, "a method that never ends").toBeLessThan(callsMax);
    }
  }
}

async function failNthCall(open: OpenStore, { prepare, change }: Trial, fault: number, n: number, before: Contents, after: Contents) {
  let outcome: "failed" | "not reached" | "no such fault" = "no such fault";
  await usingStore(open, async (subject) => {
    const { name, armNth } = subject.faults?.[fault] ?? {};
    if (armNth === undefined) return;
    await prepare(subject.store);
    // Opened anew, so that what a store does at its first call fails too.
    const store = await subject.reopen();
    const armed = armNth(n);
    const error: unknown = await change(store).then(() => null, (thrown: unknown) => thrown);
    outcome = armed.disarm() ? "failed" : "not reached";
    const where = `${name} at call ${n}`;
    if (outcome === "failed") expect(error, where).toBeInstanceOf(StoreUnavailableError);
    else expect(error, where).toBeNull();
    const left = await contentsOf(store);
    if (error === null) expect(left, where).toEqual(after);
    else expect([before, after], where).toContainEqual(left);
    const reopened = await subject.reopen();
    expect(await contentsOf(reopened), `${where}, after a restart`).toEqual(left);
    await change(reopened);
    expect(countedOnce(await contentsOf(reopened)), `${where}, done again`).toEqual(countedOnce(after));
  });
  return outcome;
}
