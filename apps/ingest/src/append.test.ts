import type { AppendBatch, AppendOutcome } from "@trinity/storage/event-store";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { describe, expect, test } from "vitest";
import { createGroupCommit } from "./append.ts";

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
const batch = (...ids: number[]): AppendBatch => ({ receivedAtMs: 1, events: ids.map(event), refusals: [] });

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
const hooks = { pace: async () => {}, onCommitted: () => {}, onFailed: () => {} };
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("group commit", () => {
  test("batches of one turn share a commit, and each is told of its own events", async () => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    const answers = Promise.all([commit.append(batch(1, 2)), commit.append(batch(3)), commit.append(batch(4))]);
    await turn();
    expect(commits.map(({ events }) => events.length)).toEqual([4]);
    gates[0]?.();
    expect(await answers).toEqual([{ duplicate: [true, false] }, { duplicate: [true] }, { duplicate: [false] }]);
  });

  test("nothing is answered before its commit is, and what comes meanwhile shares the next one", async () => {
    const { store, commits, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    let answered = 0;
    const first = commit.append(batch(2)).then(() => (answered += 1));
    await turn();
    const others = [commit.append(batch(4)), commit.append(batch(6))];
    await turn();
    expect([answered, commits.length, commit.queuedEvents()]).toEqual([0, 1, 3]);
    gates[0]?.();
    await first;
    await turn();
    expect(commits.map(({ events }) => events.length)).toEqual([1, 2]);
    gates[1]?.();
    await Promise.all(others);
    expect(commit.queuedEvents()).toBe(0);
  });

  test("when the store fails, every batch of the group is told to try again, and the next group is tried", async () => {
    const { store, gates } = scriptedStore();
    const failures: unknown[] = [];
    const commit = createGroupCommit(store, { ...hooks, onFailed: (error) => failures.push(error) });
    const failed = Promise.all([commit.append(batch(2)), commit.append(batch(4))]);
    await turn();
    gates[0]?.(new StoreUnavailableError("disk full"));
    for (const answer of await failed) expect(answer).toMatchObject({ kind: "store_unavailable", permanent: false, retryAfterS: 1 });
    expect(failures).toHaveLength(1);
    const next = commit.append(batch(6));
    await turn();
    gates[1]?.();
    expect(await next).toEqual({ duplicate: [false] });
  });

  test("a sender is told to come back before the queue outgrows its limit, and what is queued is kept", async () => {
    const { store, gates } = scriptedStore();
    const commit = createGroupCommit(store, hooks);
    const many = batch(...Array.from({ length: 1_000 }, (_, i) => 2 * i));
    const queued = Array.from({ length: 50 }, () => commit.append(many));
    expect(await commit.append(batch(2))).toMatchObject({ kind: "queue_full", permanent: false });
    await turn();
    const drained = commit.drained();
    for (let i = 0; commit.queuedEvents() > 0; i++) {
      gates[i]?.();
      await turn();
    }
    await drained;
    for (const answer of await Promise.all(queued)) expect(answer).toMatchObject({ duplicate: { length: 1_000 } });
  });

  test("a commit waits while what is behind asks for a moment, and takes along what comes meanwhile", async () => {
    const { store, commits, gates } = scriptedStore();
    const asked: (() => void)[] = [];
    const commit = createGroupCommit(store, { ...hooks, pace: () => new Promise((resolve) => asked.push(resolve)) });
    const answers = [commit.append(batch(2))];
    await turn();
    answers.push(commit.append(batch(4)));
    await turn();
    expect(commits).toEqual([]);
    asked[0]?.();
    await turn();
    expect(commits.map(({ events }) => events.length)).toEqual([2]);
    gates[0]?.();
    await Promise.all(answers);
  });

  test("a batch with nothing to say needs no commit", async () => {
    const { store, commits } = scriptedStore();
    expect(await createGroupCommit(store, hooks).append(batch())).toEqual({ duplicate: [] });
    expect(commits).toEqual([]);
  });
});
