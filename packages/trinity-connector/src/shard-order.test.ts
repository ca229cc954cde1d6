import { expect, test } from "vitest";
import { readableShards } from "./shard-order.ts";

const shards = [
  { shardId: "old", parentShardId: "trimmed" },
  { shardId: "left", parentShardId: "old" },
  { shardId: "right", parentShardId: "old" },
  { shardId: "grandchild", parentShardId: "left" },
  { shardId: "other", parentShardId: null },
];
const readable = (...finished: readonly string[]) => readableShards(shards, new Set(finished)).map(({ shardId }) => shardId);

test("a shard is read after its parent, and both halves of a split at once", () => {
  expect(readable()).toEqual(["old", "other"]);
  expect(readable("old")).toEqual(["left", "right", "other"]);
  expect(readable("old", "right")).toEqual(["left", "other"]);
  expect(readable("old", "left", "right", "other")).toEqual(["grandchild"]);
});

test("a parent that the stream has trimmed blocks no child", () => {
  expect(readable()).toContain("old");
});
