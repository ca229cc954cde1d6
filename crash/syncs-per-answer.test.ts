import { expect, test } from "vitest";
import { syncsPerAnswer } from "./syncs-per-answer.ts";

const read = '7 read(30<TCP:[1]>, "POST /v1/events HTTP/1.1\\r\\nx-a"..., 65536) = 700';
const synced = "7 fdatasync(22</d/log.db-wal>) = 0";
const answered = '7 write(30<TCP:[1]>, "HTTP/1.1 202 Accepted\\r\\nconten"..., 300) = 300';
const count = (...lines: readonly string[]) => syncsPerAnswer(lines.join("\n"), "/log.db-wal");

test("a sync between request and answer counts for that answer", () => {
  expect(count(read, synced, answered, read, answered)).toEqual([1, 0]);
});

test("a sync that returns after the answer does not count for it", () => {
  expect(count(read, "7 fdatasync(22</d/log.db-wal> <unfinished ...>", answered, "7 <... fdatasync resumed>) = 0")).toEqual([0]);
});

test("a sync with calls of other threads in between counts when it has returned", () => {
  const lines = ["7 fsync(22</d/log.db-wal> <unfinished ...>", "8 fsync(23</d/state.db-wal>) = 0", "7 <... fsync resumed>) = 0"];
  expect(count(read, ...lines, answered)).toEqual([1]);
});

test("neither a failed sync nor one of another file counts", () => {
  expect(
    count(read, "7 fdatasync(22</d/log.db-wal>) = -1 EIO (Input/output error)", "7 fdatasync(9</d/state.db-wal>) = 0", answered),
  ).toEqual([0]);
});
