import { expect, test } from "vitest";
import { itemOfManifest, manifestOfItem } from "./manifest.ts";

test("a manifest of the last release can be read, and is written in its shape", () => {
  const fields =
    '{"mark":{"seq":9,"revision":5,"users":3,"minutesFromMs":0},"floor":3,"position":5,"changedAtMs":11,"frozenBeforeMs":1,"lastCycle":null,"repairs":2}';
  const item = { pk: "manifest", sk: "manifest", version: 7, writer: "p.6", steps: "p.1/812 q.4/29", manifest: fields };
  const manifest = manifestOfItem(item);
  expect(manifest.watermark).toEqual({ seq: 9, revision: 5, users: 3, minutesFromMs: 0 });
  expect(itemOfManifest(manifest)).toEqual(item);
});
