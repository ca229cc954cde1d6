import { type Failed, ok } from "@trinity/runtime/result";
import type { AppendBatch, AppendOutcome } from "@trinity/storage/event-store";
import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import { describe, expect, test } from "vitest";
import { createGroupCommit } from "./append.ts";
import type { IngestProblem } from "./ingest-problem.ts";

const event = (id: number): AppendBatch["events"][number] => ({
  key: Buffer.from(String(id).padStart(16, "0")),
  event: {
    eventId: String(id),
    eventType: "screen_view",
    timestampMs: 1,
    receivedAtMs: 1,
    userId: null,
    roomId: null,
    sessionId: null,
    properties: {},
    context: {},
    source: { system: "app" },
  },
});
const batch = (...ids: number[]): AppendBatch => ({ receivedAtMs: 1, events: ids.map(event), rejections: [] });

/** A store that keeps what it is given and answers when it is told to; odd ids are repeats. */
function scriptedStore() {
  const commits: AppendBatch[] = [];
  const gates: ((fail?: Error) => void)[] = [];
  const store = {
    append(group: AppendBatch): Promise<AppendOutcome> {
      commits.push(group);
      return new Promise((resolve, reject) => {
        gates.push((fail) =>
          fail ? reject(fail) : resolve({ duplicate: group.events.map((one) => Number(one.event.eventId) % 2 === 1) }),
        );
      });
    },
  };
  return { store, commits, gates };
}
const hooks = {
  clock: { nowMs: () => 0 },
  onCommit: () => {},
  commitWork: () => Number.POSITIVE_INFINITY,
  onCommitted: () => {},
  onFailed: () => {},
  retryAfterS: () => 7,
};
const tick = () => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("batches of one turn share a commit, and each is told of its own events", async () => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    const answers = Promise.all([commit.append(batch(1, 2)), commit.append(batch(3)), commit.append(batch(4))]);
    await tick();
    expect(commits.map(({ events }) => events.length)).toEqual([4]);
    gates[0]?.();
    expect(await answers).toEqual([ok({ duplicate: [true, false] }), ok({ duplicate: [true] }), ok({ duplicate: [false] })]);
  });

  test("nothing is answered before its commit is, and what comes meanwhile shares the next one", async () => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    let answered = 0;
    const first = commit.append(batch(2)).then(() => (answered += 1));
    await tick();
    const others = [commit.append(batch(4)), commit.append(batch(6))];
    await tick();
    expect([answered, commits.length, commit.queuedEvents()]).toEqual([0, 1, 2]);
    gates[0]?.();
    await first;
    await tick();
    expect(commits.map(({ events }) => events.length)).toEqual([1, 2]);
    gates[1]?.();
    await Promise.all(others);
    expect(commit.queuedEvents()).toBe(0);
  });

  test("under load a commit waits while iterations bring more batches, but not for ever", async () => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    const appendTwo = () => Promise.all([commit.append(batch(2)), commit.append(batch(4))]);
    const first = appendTwo();
    await tick();
    gates[0]?.();
    await first;
    const others = [appendTwo()];
    for (let i = 0; i < 4; i++) {
      await tick();
      expect(commits).toHaveLength(1);
      others.push(appendTwo());
    }
    for (let i = 0; i < 20; i++) {
      await tick();
      if (commits.length === 1) others.push(appendTwo());
    }
    expect(commits).toHaveLength(2);
    expect(commits[1]?.events.length).toBe(2 * others.length);
    gates[1]?.();
    await Promise.all(others);
  });

  test("when the store fails, every batch of the group is told to try again, and the next group is tried", async () => {
    const { store, gates } = scriptedStore();
    const failures: unknown[] = [];
    const commit = createGroupCommit(store, { ...hooks, onFailed: (error) => failures.push(error) });
    const failed = Promise.all([commit.append(batch(2)), commit.append(batch(4))]);
    await tick();
    gates[0]?.(new StoreUnavailableError("disk full"));
    for (const answer of await failed)
      expect(answer).toMatchObject({ ok: false, error: { kind: "store_unavailable", permanent: false, retryAfterS: 7 } });
    expect(failures).toHaveLength(1);
    const next = commit.append(batch(6));
    while (gates.length < 2) await tick();
    gates[1]?.();
    expect(await next).toEqual(ok({ duplicate: [false] }));
  });

  test("there is room until the events and rejections of a commit wait, and again once it has begun, which is told", async () => {
    const { store, gates } = scriptedStore();
    let begun = 0;
    const commit = createGroupCommit(store, { ...hooks, onCommit: () => void (begun += 1) });
    const rejections = Array.from({ length: 1_999 }, () => ({ key: null, source: "app", code: "not_json" }));
    const first = commit.append({ ...batch(...Array.from({ length: 2_000 }, (_, i) => 2 * i)), rejections });
    expect([commit.queuedEvents(), commit.hasRoom()]).toEqual([3_999, true]);
    const second = commit.append(batch(2));
    expect([commit.hasRoom(), begun]).toEqual([false, 0]);
    await tick();
    expect([commit.queuedEvents(), commit.hasRoom(), begun]).toEqual([0, true, 1]);
    gates[0]?.();
    await Promise.all([first, second]);
  });

  test("the time in commits is added up", async () => {
    const { store, gates } = scriptedStore();
    let nowMs = 5;
    const commit = createGroupCommit(store, { ...hooks, clock: { nowMs: () => nowMs } });
    for (let i = 0; i < 2; i++) {
      const answer = commit.append(batch(2));
      await tick();
      nowMs += 30;
      gates[i]?.();
      await answer;
      nowMs += 100;
    }
    expect(commit.committedForMs()).toBe(60);
  });

  test("a batch with nothing to say needs no commit", async () => {
    const { store, commits } = scriptedStore();
    expect(await createGroupCommit(store, hooks).append(batch())).toEqual(ok({ duplicate: [] }));
    expect(commits).toEqual([]);
  });

  test.each([
    ["4,000 of work, which is 3,970 events of one hour", Number.POSITIVE_INFINITY, [5_000, 3_970, 2_971]],
    ["what is folded soon", 3_030, [5_000, 2_970, 1_001, 2_970]],
  ])("a commit takes no more than %s, unless it is one batch", async (_, soon, expected) => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, { ...hooks, commitWork: () => soon });
    const ofSize = (events: number) => batch(...Array.from({ length: events }, (_, i) => 2 * i));
    const answers = [5_000, 2_970, 1_000, 1, 2_969, 1].map((events) => commit.append(ofSize(events)));
    for (let i = 0; i < expected.length; i++) {
      while (gates.length <= i) await tick();
      gates[i]?.();
    }
    for (const [i, events] of [5_000, 2_970, 1_000, 1, 2_969, 1].entries()) {
      expect(await answers[i]).toMatchObject({ ok: true, value: { duplicate: { length: events } } });
    }
    expect(commits.map(({ events }) => events.length)).toEqual(expected);
  });

  test("a batch of rejections alone is committed, since they are counted", async () => {
    const { store, commits, gates } = scriptedStore();
    const rejections = [{ reason: "malformed", count: 1 }] as unknown as AppendBatch["rejections"];
    const answer = createGroupCommit(store, hooks).append({ receivedAtMs: 1, events: [], rejections });
    await tick();
    gates[0]?.();
    expect([await answer, commits.map((group) => group.rejections)]).toEqual([ok({ duplicate: [] }), [rejections]]);
  });

  test("a commit was received when the first of its batches was", async () => {
    const { store, commits } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    for (const receivedAtMs of [7, 5, 6]) void commit.append({ ...batch(2), receivedAtMs });
    await tick();
    expect(commits[0]?.receivedAtMs).toBe(5);
  });

  test("the fold is told of each commit that succeeded, and of no other", async () => {
    const { store, gates } = scriptedStore();
    let committed = 0;
    const commit = createGroupCommit(store, { ...hooks, onCommitted: () => void (committed += 1) });
    const first = commit.append(batch(2));
    await tick();
    gates[0]?.(new Error("disk full"));
    await first;
    expect(committed).toBe(0);
    const second = commit.append(batch(4));
    await tick();
    gates[1]?.();
    await second;
    expect(committed).toBe(1);
  });

  test("it is drained at once while nothing waits, else once everything is answered", async () => {
    const { store, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    await commit.drained();
    const answer = commit.append(batch(2));
    let isDrained = false;
    const drained = commit.drained().then(() => (isDrained = true));
    await tick();
    expect(isDrained).toBe(false);
    gates[0]?.();
    await answer;
    await drained;
    await commit.drained();
  });

  test("a sender learns whether the store is damaged, away or failed, and no more", async () => {
    const { store, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    const details: unknown[] = [];
    for (const [i, error] of [new DamagedDataError("log.db is damaged"), new StoreUnavailableError("x"), new Error("/a/path")].entries()) {
      const answer = commit.append(batch(2));
      await tick();
      gates[i]?.(error);
      details.push(((await answer) as Failed<IngestProblem>).error.detail);
    }
    expect(details).toEqual(["log.db is damaged", "The store cannot take events now.", "The store failed to take the events."]);
  });
});
