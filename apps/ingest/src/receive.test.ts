import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Failed, ok } from "@trinity/runtime/result";
import { describe, expect, test } from "vitest";
import type { IngestProblem } from "./ingest-problem.ts";
import { receive } from "./receive.ts";

const bytes = Buffer.from("x".repeat(1_000));

describe("receiving a body", () => {
  test.each([
    [undefined, bytes],
    ["", bytes],
    [" Identity ", bytes],
    ["identity", bytes],
    ["gzip", gzipSync(bytes)],
    ["GZIP ", gzipSync(bytes)],
    ["zstd", zstdCompressSync(bytes)],
    ["gzip", Buffer.concat([gzipSync(bytes.subarray(0, 400)), gzipSync(bytes.subarray(400))])],
    ["zstd", Buffer.concat([zstdCompressSync(bytes.subarray(0, 400)), zstdCompressSync(bytes.subarray(400))])],
    ["zstd", Buffer.concat([zstdCompressSync(bytes), zstdCompressSync("")])],
  ])("takes off the encoding %s", async (encoding, body) => {
    expect(await receive({ bytes: body, encoding }, 1_000)).toEqual(ok(bytes));
  });

  test.each([
    ["br", bytes, "unsupported_encoding"],
    ["gzip, gzip", bytes, "unsupported_encoding"],
    ["gzip", bytes, "malformed_body"],
    ["gzip", gzipSync(bytes).subarray(0, 15), "malformed_body"],
    ["gzip", Buffer.alloc(0), "malformed_body"],
    ["gzip", gzipSync(Buffer.alloc(1_001)), "too_large"],
    ["zstd", zstdCompressSync(Buffer.alloc(1_001)), "too_large"],
    ["zstd", Buffer.concat([zstdCompressSync(bytes), zstdCompressSync("x")]), "too_large"],
    ["zstd", Buffer.concat(new Array<Buffer>(1_001).fill(zstdCompressSync(""))), "malformed_body"],
    ["gzip", Buffer.concat([gzipSync(bytes), Buffer.from("noise")]), "malformed_body"],
    ["zstd", Buffer.concat([zstdCompressSync(bytes), Buffer.from("noise")]), "malformed_body"],
    ["zstd", zstdCompressSync(bytes).subarray(0, 10), "malformed_body"],
    ["zstd", Buffer.alloc(0), "malformed_body"],
    [undefined, Buffer.alloc(1_001), "too_large"],
  ])("refuses for good what it cannot take off: %s", async (encoding, body, kind) => {
    expect(await receive({ bytes: body, encoding }, 1_000)).toMatchObject({ ok: false, error: { kind, permanent: true } });
  });

  test("a frame is inflated no further than what those before it have left of the limit", async () => {
    const frame = zstdCompressSync(Buffer.alloc(1_000_000));
    // Its end is missing: inflated so far, it would be malformed instead.
    const bomb = zstdCompressSync(Buffer.alloc(800_000)).subarray(0, -1);
    expect(await receive({ bytes: Buffer.concat([frame, bomb]), encoding: "zstd" }, 1_000_100)).toMatchObject({
      ok: false,
      error: { kind: "too_large" },
    });
  });

  test("many bombs at once are all refused", async () => {
    const bomb = gzipSync(Buffer.alloc(4_000_000));
    const answers = await Promise.all(Array.from({ length: 40 }, () => receive({ bytes: bomb, encoding: "gzip" }, 1_000)));
    expect(new Set(answers.map((answer) => (answer as Failed<IngestProblem>).error.kind))).toEqual(new Set(["too_large"]));
  });

  test("exactly a thousand frames are taken", async () => {
    const frames = new Array<Buffer>(1_000).fill(zstdCompressSync("x"));
    expect(await receive({ bytes: Buffer.concat(frames), encoding: "zstd" }, 1_000)).toEqual(ok(bytes));
  });
});
