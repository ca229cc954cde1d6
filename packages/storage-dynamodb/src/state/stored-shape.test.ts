import { zstdDecompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { packed } from "../client/packed.ts";
import { itemOfManifest, manifestOfItem } from "./manifest.ts";
import { decodeDelta, encodeDelta, type StateDelta } from "./state-delta.ts";

// Items as the first release wrote them. They must stay readable, and new items must have the same shape for processes of that release.

const manifestItem = {
  pk: "manifest",
  sk: "manifest",
  version: 7,
  writer: "p.6",
  steps: "p.1/812 q.4/29",
  manifest:
    '{"mark":{"seq":9,"revision":5,"users":3,"minutesFromMs":86400000},"floor":3,"position":5,"changedAtMs":11,"frozenBeforeMs":1,' +
    '"lastCycle":{"finishedAtMs":10,"throughSeq":8,"unsettled":1},"repairs":2,"foldedWriter":"q.8"}',
};

const manifest = {
  version: 7,
  writer: "p.6",
  watermark: { seq: 9, revision: 5, users: 3, minutesFromMs: 86_400_000 },
  compactedThrough: 3,
  sequence: 5,
  deltas: [
    { token: "p.1", bytes: 812 },
    { token: "q.4", bytes: 29 },
  ],
  changedAtMs: 11,
  frozenBeforeMs: 1,
  lastCycle: { finishedAtMs: 10, throughSeq: 8, unresolved: 1, unresolvedBuckets: [] },
  repairs: 2,
  foldedWriter: "q.8",
};

test("a manifest keeps its stored shape", () => {
  expect(manifestOfItem(manifestItem)).toEqual(manifest);
  expect(itemOfManifest(manifest)).toEqual(manifestItem);
  const { deltas } = manifestOfItem({ ...manifestItem, steps: "" });
  expect(deltas).toEqual([]);
});

test("a manifest without a cycle, and one that stored the watermark by its name, can be read", () => {
  const fields = JSON.parse(manifestItem.manifest);
  const { mark: watermark, ...rest } = fields;
  expect(manifestOfItem({ ...manifestItem, manifest: JSON.stringify({ ...fields, lastCycle: null }) }).lastCycle).toBeNull();
  expect(manifestOfItem({ ...manifestItem, manifest: JSON.stringify({ watermark, ...rest }) })).toEqual(manifest);
});

const to = { seq: 9, revision: 5, users: 3, minutesFromMs: 0 };
const bucket = { set: "vote", tier: "hour", bucketMs: 3_600_000 } as const;
const storedDeltas: readonly (readonly [unknown, StateDelta])[] = [
  [
    {
      kind: "fold",
      to,
      foldTime: { toSeq: 9, foldedAtMs: 11 },
      entities: [{ kind: "ballot", key: "room-1/movie:862", value: null }],
      cells: [["vote", "hour", 3_600_000, "comedy", [0, 2, 1, -1]]],
      index: [{ kind: "user", key: "ana", seq: 9 }],
      emptied: [bucket],
    },
    {
      kind: "fold",
      to,
      foldTime: { toSeq: 9, foldedAtMs: 11 },
      entities: [{ kind: "roomTitle", key: "room-1/movie:862", value: null }],
      cells: [
        {
          ...bucket,
          value: "comedy",
          vector: new Map([
            [0, 2],
            [1, -1],
          ]),
        },
      ],
      index: [{ kind: "user", key: "ana", seq: 9 }],
      emptied: [bucket],
    },
  ],
  ...(
    [
      {
        kind: "repair",
        to,
        atMs: 11,
        repairs: [{ key: { table: "cell", ...bucket, value: "" }, stored: "[[0,1]]", derived: null, shards: [0, 3] }],
      },
    ] as const
  ).map((delta) => [delta, delta] as const),
  [
    { kind: "check", atMs: 11, checks: [{ ...bucket, revision: 5, right: true }] },
    { kind: "check", atMs: 11, checks: [{ ...bucket, revision: 5, matches: true }] },
  ],
];

test.each(storedDeltas)("a delta keeps its stored shape: %#", (stored, delta) => {
  expect(decodeDelta(packed(stored))).toEqual(delta);
  expect(JSON.parse(zstdDecompressSync(encodeDelta(delta)).toString())).toEqual(stored);
});
