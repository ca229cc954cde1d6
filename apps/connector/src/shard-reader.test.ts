import { expect, test } from "vitest";
import { UndeliveredError } from "./record-delivery.ts";
import type { ShardCheckpoint } from "./shard-checkpoint.ts";
import { readShard, type ShardEvent, type ShardReaderSettings } from "./shard-reader.ts";
import { createTestStream, numbersOf } from "./stream.testing.ts";
import { createTime } from "./time.testing.ts";

const source = { tableName: "trinity-votes-dev", streamArn: "arn", shardId: "s", name: "checkpoint-of-s" };
const beginning: ShardCheckpoint = { after: null, finished: false };

function setUp(deliver: (numbers: readonly number[]) => void = () => {}) {
  const stream = createTestStream();
  stream.addShard("s");
  const delivered: number[] = [];
  const written: string[] = [];
  const events: ShardEvent["kind"][] = [];
  const time = createTime();
  const stopping = new AbortController();
  const settings: ShardReaderSettings = {
    streams: stream.client,
    delivery: {
      async deliver(_table, records) {
        deliver(numbersOf(records));
        delivered.push(...numbersOf(records));
      },
    },
    ...time,
    random: () => 0.5,
    idleMs: 1_000,
    onEvent: ({ kind }) => events.push(kind),
  };
  const lease = {
    write: async (_name: string, value: string): Promise<"written" | "lost"> => {
      written.push(value);
      return "written";
    },
  };
  const read = (from = beginning, held = lease) => readShard(source, from, held, settings, stopping.signal);
  return { stream, delivered, written, events, time, stopping, read };
}

test("a closed shard is read to its end, and its checkpoint follows the deliveries", async () => {
  const { stream, delivered, written, read } = setUp();
  stream.put("s", 1, 2, 3);
  stream.close("s");
  expect(await read()).toBe("finished");
  expect(delivered).toEqual([1, 2, 3]);
  expect(written).toEqual(['{"after":"2","finished":false}', '{"after":"3","finished":true}']);
});

test("reading continues after the checkpoint", async () => {
  const { stream, delivered, read } = setUp();
  stream.put("s", 1, 2, 3);
  stream.close("s");
  await read({ after: "2", finished: false });
  expect(delivered).toEqual([3]);
});

test("an expired iterator is replaced by one after the last delivered record", async () => {
  const { stream, delivered, events, read } = setUp((numbers) => {
    if (numbers.includes(1)) stream.failNext("ExpiredIteratorException");
  });
  stream.put("s", 1, 2, 3);
  stream.close("s");
  expect(await read()).toBe("finished");
  expect(delivered).toEqual([1, 2, 3]);
  expect(events).toContain("expired_iterator");
});

test("a checkpoint that the stream has trimmed away is counted, and the rest is read", async () => {
  const { stream, delivered, events, read } = setUp();
  stream.put("s", 1, 2, 8, 9);
  stream.trim("s", 8);
  stream.close("s");
  expect(await read({ after: "2", finished: false })).toBe("finished");
  expect(delivered).toEqual([8, 9]);
  expect(events).toContain("trimmed");
});

test("after throttling or a failed delivery, reading is retried from the checkpoint, ever later", async () => {
  let failures = 3;
  const { stream, delivered, written, time, read } = setUp(() => {
    if (failures-- > 0) throw new UndeliveredError(0, null);
  });
  stream.put("s", 1);
  stream.close("s");
  stream.failNext("ProvisionedThroughputExceededException");
  expect(await read()).toBe("finished");
  expect(delivered).toEqual([1]);
  expect(written).toHaveLength(1);
  expect(time.pauses).toEqual([100, 200, 400, 800]);
});

test("a process that lost the lease moves no checkpoint and stops reading", async () => {
  const { stream, delivered, read } = setUp();
  stream.put("s", 1, 2, 3, 4);
  expect(await read(beginning, { write: async () => "lost" })).toBe("lost");
  expect(delivered).toEqual([1, 2]);
});

test("reading ends at a shard that is gone, and pauses at an open one without records", async () => {
  const { stream, time, stopping, read } = setUp();
  stream.failNext("ResourceNotFoundException");
  expect(await read()).toBe("gone");
  const reading = read();
  while (time.pauses.length < 3) await new Promise(setImmediate);
  stopping.abort();
  expect(await reading).toBe("stopped");
  expect(time.pauses.slice(0, 3)).toEqual([1_000, 1_000, 1_000]);
});
