import type * as Zlib from "node:zlib";
import { gzipSync } from "node:zlib";
import { expect, test, vi } from "vitest";
import { receive } from "./receive.ts";

const seen = vi.hoisted(() => ({ running: 0, most: 0 }));

vi.mock("node:zlib", async (original) => {
  const zlib = await original<typeof Zlib>();
  type Done = (error: Error | null, result: Buffer) => void;
  const gunzip = (bytes: Buffer, options: object, done: Done) => {
    seen.running += 1;
    seen.most = Math.max(seen.most, seen.running);
    zlib.gunzip(bytes, options, (error, result) => {
      seen.running -= 1;
      done(error, result);
    });
  };
  return { ...zlib, gunzip };
});

test("four bodies are inflated at once and no more, however many come", async () => {
  const body = Buffer.alloc(100_000, "x");
  const bytes = gzipSync(body);
  const received = await Promise.all(Array.from({ length: 20 }, () => receive({ bytes, encoding: "gzip" }, body.length)));
  expect(received.every((one) => one.ok && one.value.equals(body))).toBe(true);
  expect(seen).toEqual({ running: 0, most: 4 });
});
