import { StoreUnavailableError } from "@trinity/storage/event-store";
import type { LeaseStore } from "@trinity/storage/lease-store";
import { openMemoryLeaseStore } from "@trinity/storage-memory/memory-lease-store";
import { expect, test, vi } from "vitest";
import { readCheckpoint, shardName } from "./shard-checkpoint.ts";
import { createShardConsumers } from "./shard-consumers.ts";
import { createTestStream, numbersOf, type TestStream } from "./stream.testing.ts";
import { createTime, forever } from "./time.testing.ts";

const streams = [{ tableName: "trinity-votes-dev", streamArn: "arn" }];

/** A process: its own consumers, on a shared store and stream. */
function startProcess(
  holder: string,
  stream: TestStream,
  leases: LeaseStore,
  { shardsMax = 100, forMs = 30_000, nowMs = (): number => 0 } = {},
) {
  const failures: unknown[] = [];
  let finished = 0;
  const delivered: number[] = [];
  const stopping = new AbortController();
  const { sleep } = createTime();
  const clock = { nowMs };
  const consumers = createShardConsumers({
    streams: stream.client,
    // Leases are not prolonged: they end by the test's clock.
    lease: { leases, holder, clock, pause: forever, forMs },
    reader: {
      streams: stream.client,
      delivery: { deliver: async (_table, records) => void delivered.push(...numbersOf(records)) },
      clock,
      sleep,
      random: () => 0,
      idleMs: 1_000,
      onEvent: (event) => {
        if (event.kind === "failed") failures.push(event.error);
      },
    },
    shardsMax,
    onFinished: () => void (finished += 1),
  });
  return {
    consumers,
    delivered,
    failures,
    finished: () => finished,
    assign: () => consumers.assign(streams, stopping.signal),
    stop: async () => {
      stopping.abort();
      await consumers.ended();
    },
  };
}

test("a shard that was split is read before its children", async () => {
  const stream = createTestStream();
  stream.addShard("parent");
  stream.addShard("left", "parent");
  stream.addShard("right", "parent");
  stream.put("left", 3);
  stream.put("right", 4);
  const { consumers, delivered, assign, stop } = startProcess("a", stream, openMemoryLeaseStore());
  await assign();
  await assign();
  expect(consumers.reading()).toBe(1);
  stream.put("parent", 1, 2);
  stream.close("parent");
  await vi.waitFor(() => expect(consumers.reading()).toBe(0));
  await assign();
  await vi.waitFor(() => expect(delivered).toHaveLength(4));
  expect(delivered.slice(0, 2)).toEqual([1, 2]);
  await stop();
});

test("two processes share the shards: each is read by one", async () => {
  const stream = createTestStream();
  for (const shardId of ["s1", "s2", "s3"]) stream.addShard(shardId);
  const leases = openMemoryLeaseStore();
  const one = startProcess("a", stream, leases, { shardsMax: 2 });
  const other = startProcess("b", stream, leases);
  await one.assign();
  await vi.waitFor(() => expect(one.consumers.reading()).toBe(2));
  await other.assign();
  await vi.waitFor(() => expect(other.consumers.reading()).toBe(1));
  stream.put("s1", 1);
  stream.put("s2", 2);
  stream.put("s3", 3);
  await vi.waitFor(() => expect([one.delivered.length, other.delivered.length]).toEqual([2, 1]));
  expect([...one.delivered, ...other.delivered].sort()).toEqual([1, 2, 3]);
  await Promise.all([one.stop(), other.stop()]);
});

test("a process that may read one more shard takes the free one, among any number of leased ones", async () => {
  const stream = createTestStream();
  for (const shardId of ["s1", "s2", "s3"]) stream.addShard(shardId);
  const leases = openMemoryLeaseStore();
  const one = startProcess("a", stream, leases, { shardsMax: 2 });
  const other = startProcess("b", stream, leases, { shardsMax: 1 });
  await one.assign();
  await other.assign();
  expect([one.consumers.reading(), other.consumers.reading()]).toEqual([2, 1]);
  await Promise.all([one.stop(), other.stop()]);
});

test("while the lease store is unavailable nothing is read, and afterwards the shards are read", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  stream.put("s", 1);
  const memory = openMemoryLeaseStore();
  let isAway = true;
  const acquire: LeaseStore["acquire"] = (...args) =>
    isAway ? Promise.reject(new StoreUnavailableError("away")) : memory.acquire(...args);
  const { consumers, delivered, assign, stop } = startProcess("a", stream, { ...memory, acquire });
  await expect(assign()).rejects.toThrow("away");
  expect(consumers.reading()).toBe(0);
  isAway = false;
  await assign();
  await vi.waitFor(() => expect(delivered).toEqual([1]));
  await stop();
});

test("a process that lost its lease cannot move the checkpoint of the one that took over", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  const leases = openMemoryLeaseStore();
  let nowMs = 0;
  const slow = startProcess("a", stream, leases, { nowMs: () => nowMs });
  await slow.assign();
  stream.put("s", 1);
  await vi.waitFor(() => expect(slow.delivered).toEqual([1]));
  nowMs = 31_000; // it paused for longer than its lease
  const heir = startProcess("b", stream, leases, { nowMs: () => nowMs });
  await heir.assign();
  await vi.waitFor(() => expect(heir.consumers.reading()).toBe(1));
  stream.put("s", 2);
  await vi.waitFor(() => expect(heir.delivered).toEqual([2]));
  // Records that the slow process reads once more count once; then it learns that its lease is lost, and ends.
  await vi.waitFor(() => expect(slow.consumers.reading()).toBe(0));
  expect((await readCheckpoint(leases, shardName("arn", "s"))).after).toBe("2");
  await Promise.all([slow.stop(), heir.stop()]);
});

test("a process that stops releases its shards, and the next continues from the checkpoints", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  stream.put("s", 1, 2);
  const leases = openMemoryLeaseStore();
  const first = startProcess("a", stream, leases);
  await first.assign();
  await vi.waitFor(() => expect(first.delivered).toEqual([1, 2]));
  await first.stop();
  stream.put("s", 3);
  const second = startProcess("b", stream, leases);
  await second.assign();
  await vi.waitFor(() => expect(second.delivered).toEqual([3]));
  await second.stop();
});

test("a stream that cannot be described is reported, and the others are read", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  stream.failNext("InternalServerError");
  const { assign, stop } = startProcess("a", stream, openMemoryLeaseStore());
  await expect(assign()).rejects.toThrow("InternalServerError");
  await assign();
  await stop();
});

test("assigned repeatedly, a shard is read once", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  const { delivered, assign, stop } = startProcess("a", stream, openMemoryLeaseStore());
  for (let i = 0; i < 3; i++) await assign();
  stream.put("s", 1, 2);
  await vi.waitFor(() => expect(delivered).toContain(2));
  await stop();
  expect(delivered).toEqual([1, 2]);
});

test("while a shard is read its checkpoint is not queried", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  const memory = openMemoryLeaseStore();
  const asked: string[] = [];
  const readRecord: LeaseStore["readRecord"] = (name) => {
    asked.push(name);
    return memory.readRecord(name);
  };
  const { assign, stop } = startProcess("a", stream, { ...memory, readRecord });
  await assign();
  const before = asked.length;
  await assign();
  await assign();
  expect([before > 0, asked.length - before]).toEqual([true, 0]);
  await stop();
});

test("the end of a shard is reported once, the end of a stopped reader is not", async () => {
  const stream = createTestStream();
  for (const shardId of ["s1", "s2"]) stream.addShard(shardId);
  const { consumers, assign, stop, finished } = startProcess("a", stream, openMemoryLeaseStore());
  await assign();
  stream.close("s1");
  await vi.waitFor(() => expect(consumers.reading()).toBe(1));
  expect(finished()).toBe(1);
  await stop();
  expect(finished()).toBe(1);
});

test("a shard that its stream no longer has is finished for ever, and is reported", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  const leases = openMemoryLeaseStore();
  const { consumers, assign, stop, finished } = startProcess("a", stream, leases);
  await assign();
  stream.failNext("ResourceNotFoundException");
  await vi.waitFor(() => expect(consumers.reading()).toBe(0));
  expect([finished(), await readCheckpoint(leases, shardName("arn", "s"))]).toEqual([1, { after: null, finished: true }]);
  await stop();
});

test("a shard that another process finished before the lease was acquired is not read again", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  stream.put("s", 1);
  const memory = openMemoryLeaseStore();
  let reads = 0;
  const readRecord: LeaseStore["readRecord"] = async () => (++reads === 1 ? null : JSON.stringify({ after: "1", finished: true }));
  const { consumers, delivered, assign, stop, finished } = startProcess("a", stream, { ...memory, readRecord });
  await assign();
  await vi.waitFor(() => expect(consumers.reading()).toBe(0));
  expect([delivered, finished(), stream.asked.filter((one) => one.startsWith("Get"))]).toEqual([[], 1, []]);
  await stop();
});

test("a failing reader is reported, releases its shard, and finishes nothing", async () => {
  const stream = createTestStream();
  stream.addShard("s");
  stream.put("s", 1);
  const memory = openMemoryLeaseStore();
  let reads = 0;
  const readRecord: LeaseStore["readRecord"] = async (name) => {
    if (++reads === 2) throw new StoreUnavailableError("away");
    return memory.readRecord(name);
  };
  const { consumers, delivered, assign, stop, finished, failures } = startProcess("a", stream, { ...memory, readRecord });
  await assign();
  await vi.waitFor(() => expect(consumers.reading()).toBe(0));
  expect([failures, finished()]).toEqual([[new StoreUnavailableError("away")], 0]);
  await assign();
  await vi.waitFor(() => expect(delivered).toEqual([1]));
  await stop();
});
