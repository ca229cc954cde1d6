import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { openCount, tellsOpenFiles } from "./open-count.testing.ts";
import { findWalDamage } from "./wal-damage.ts";

const headerBytes = 32;
const pageBytes = 512;
const frameBytes = 24 + pageBytes;
const inPage = 24 + 100;
const inSum = 16;
const inSalts = 8;

type ByteOrder = "LE" | "BE";

/** The file of https://sqlite.org/fileformat2.html#walformat: a header, and for each character a frame, which commits where it is `C`. */
function walOf(frames: string, order: ByteOrder = "LE", salts: readonly [number, number] = [7, 11]): Buffer {
  const wal = Buffer.alloc(headerBytes + frames.length * frameBytes);
  const writeAt = (at: number, ...words: readonly number[]) => {
    for (const [i, word] of words.entries()) wal.writeUInt32BE(word, at + 4 * i);
  };
  writeAt(0, order === "LE" ? 0x377f0682 : 0x377f0683, 3_007_000, pageBytes, 0, ...salts);
  let sum = sumOf([0, 0], wal.subarray(0, 24), order);
  writeAt(24, ...sum);
  for (const [i, kind] of [...frames].entries()) {
    const at = frameAt(i + 1);
    writeAt(at, i + 1, kind === "C" ? frames.length : 0, ...salts);
    wal.fill(i % 251, at + 24, at + frameBytes);
    sum = sumOf(sumOf(sum, wal.subarray(at, at + 8), order), wal.subarray(at + 24, at + frameBytes), order);
    writeAt(at + 16, ...sum);
  }
  return wal;
}

/** @param frame counted from 1 */
function frameAt(frame: number): number {
  return headerBytes + (frame - 1) * frameBytes;
}

function sumOf([a, b]: readonly [number, number], bytes: Buffer, order: ByteOrder): readonly [number, number] {
  const word = (at: number) => (order === "LE" ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const sums = Uint32Array.of(a, b);
  for (let at = 0; at < bytes.length; at += 8) {
    sums[0] = (sums[0] as number) + word(at) + (sums[1] as number);
    sums[1] = (sums[1] as number) + word(at + 4) + (sums[0] as number);
  }
  return [sums[0] as number, sums[1] as number];
}

function flipped(wal: Buffer, at: number): Buffer {
  const copy = Buffer.from(wal);
  copy[at] = (copy[at] as number) ^ 0x10;
  return copy;
}

/** The damage that is found in files of these bytes, one after the other. @param usual bytes of a page, where the header does not say it */
async function damageIn(files: Iterable<Buffer>, usual = pageBytes): Promise<readonly (number | null)[]> {
  const found: (number | null)[] = [];
  await usingDataDir(async (folder) => {
    const path = join(folder, "log.db-wal");
    for (const bytes of files) {
      writeFileSync(path, bytes);
      found.push(findWalDamage(path, usual));
    }
  });
  return found;
}

const orders = ["LE", "BE"] as const;

test.each(orders)("a %s file is sound as it was written, and wherever a crash cut it", async (order) => {
  const wal = walOf("C.C..CC", order);
  const cuts = [0, 1, headerBytes - 1, headerBytes, ...[1, 2, 7].flatMap((frame) => [frameAt(frame) + 24, frameAt(frame + 1) - 1])];
  expect(new Set(await damageIn([wal, ...cuts.map((length) => wal.subarray(0, length))]))).toEqual(new Set([null]));
});

test.each(orders)(
  "in a %s file a frame that is bad is damage as soon as two commits follow it, each frame continuing the one before",
  async (order) => {
    const cases = [
      ["CCC", 1, 1],
      ["CC", 1, null],
      ["C", 1, null],
      ["CCCC", 2, 2],
      ["CCCC", 3, null],
      ["C.......C", 2, null],
      ["C.........", 2, null],
      ["C..C...C", 3, 3],
      ["C..C...C.", 4, null],
    ] as const;
    const found = await damageIn(cases.map(([frames, bad]) => flipped(walOf(frames, order), frameAt(bad) + inPage)));
    expect(found).toEqual(cases.map(([, , expected]) => expected));
  },
);

test("after a frame whose own checksum is bad the next one continues nothing, so one more commit must follow", async () => {
  const bad = (frames: string) => flipped(walOf(frames), frameAt(2) + inSum);
  expect(await damageIn([bad("CCCC"), bad("CCCCC")])).toEqual([null, 2]);
});

test("of several bad frames the first is reported, and only consecutive commits count", async () => {
  const bad = (frames: string, ...numbers: readonly number[]) =>
    numbers.reduce((wal, number) => flipped(wal, frameAt(number) + inPage), walOf(frames));
  expect(await damageIn([bad("CCCCCC", 2, 4), bad("CC.C.C", 2, 3, 5)])).toEqual([2, null]);
});

test("a frame whose salts are bad is found, also the first, by what follows it", async () => {
  const wal = walOf("CCCCC");
  expect(await damageIn([1, 2].map((frame) => flipped(wal, frameAt(frame) + inSalts)))).toEqual([1, 2]);
});

test("frames of an earlier pass over the file, which carry other salts, are no damage", async () => {
  const old = walOf("CCCCCC", "LE", [1, 2]);
  const begun = (frames: string) => Buffer.concat([walOf(frames), old.subarray(frameAt(frames.length + 1))]);
  expect(await damageIn([begun("C"), begun("CCC"), flipped(begun("CC"), frameAt(1) + inPage)])).toEqual([null, null, null]);
});

test.each(orders)("a %s file whose header is bad anywhere is damaged from there, if two commits can be read behind it", async (order) => {
  const wal = walOf("CCC", order);
  const places = [0, 4, 8, 12, 16, 20, 24, 28];
  expect(await damageIn(places.map((at) => flipped(wal, at)))).toEqual(places.map(() => 0));
  // The last bit of the first word says the byte order.
  const otherOrder = Buffer.from(wal).fill((wal[3] as number) ^ 1, 3, 4);
  expect(await damageIn([otherOrder, Buffer.from(wal).fill(0, 0, headerBytes)])).toEqual([0, 0]);
  expect(await damageIn([flipped(walOf("CC", order), 0), flipped(walOf("C", order), 0), flipped(walOf("", order), 0)])).toEqual([
    null,
    null,
    null,
  ]);
});

test("after a bad header, frames of an earlier pass do not count either", async () => {
  const begun = Buffer.concat([walOf("CC"), walOf("CCCCCC", "LE", [1, 2]).subarray(frameAt(3))]);
  expect(await damageIn([flipped(begun, 16)])).toEqual([null]);
});

test("the size of a page is what a sound header says, and what was said beside the file where the header is bad", async () => {
  const wal = walOf("CCCC");
  expect(await damageIn([wal, flipped(wal, frameAt(2) + inPage)], 4_096)).toEqual([null, 2]);
  expect(await damageIn([flipped(wal, 8)], 4_096)).toEqual([null]);
});

test("a long file is looked at to its last frame, and a whole one is sound whatever its length", async () => {
  const longest = 600;
  const wal = walOf("C".repeat(longest));
  const lengths = [255, 256, 257, 511, 512, 513, longest];
  const cut = (frames: number) => wal.subarray(0, frameAt(frames + 1));
  expect(await damageIn(lengths.map(cut))).toEqual(lengths.map(() => null));
  expect(await damageIn(lengths.map((frames) => flipped(cut(frames), frameAt(frames - 2) + inPage)))).toEqual(
    lengths.map((frames) => frames - 2),
  );
});

test("where there is no file nothing is damaged; one that cannot be opened is not taken for none", () =>
  usingDataDir(async (folder) => {
    const path = join(folder, "log.db-wal");
    expect(findWalDamage(path)).toBeNull();
    writeFileSync(path, "");
    expect(() => findWalDamage(join(path, "log.db-wal"))).toThrow("ENOTDIR");
  }));

test.runIf(tellsOpenFiles)("the file is closed again, whatever is found", () =>
  usingDataDir(async (folder) => {
    const path = join(folder, "log.db-wal");
    for (const bytes of [Buffer.alloc(0), walOf("CCC"), flipped(walOf("CCC"), 0)]) {
      writeFileSync(path, bytes);
      findWalDamage(path, pageBytes);
      expect(openCount(path)).toBe(0);
    }
  }),
);
