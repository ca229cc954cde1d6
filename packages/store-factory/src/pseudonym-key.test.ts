import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, ok, unwrap } from "@trinity/runtime/result";
import fc from "fast-check";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { keyIsMissing, loadPseudonymKey } from "./pseudonym-key.ts";

let dataDir: string;
const keyFile = () => join(dataDir, "pseudonym.key");

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "trinity-key-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  dataDir = join(folder, "data");
});

test("a new folder gets a key that only its owner can read, and keeps it", () => {
  const made = unwrap(loadPseudonymKey(undefined, dataDir, false));
  expect(made).toMatchObject({ isNew: true });
  expect(readFileSync(keyFile(), "utf8")).toBe(Buffer.from(made.secret).toString("hex"));
  expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataDir)).toEqual(["pseudonym.key"]);
  for (const hasData of [false, true]) expect(loadPseudonymKey(undefined, dataDir, hasData)).toEqual(ok({ ...made, isNew: false }));
});

test("no key is created when there is data without one", () => {
  mkdirSync(dataDir);
  expect(loadPseudonymKey(undefined, dataDir, true)).toEqual(failed([keyIsMissing]));
  expect(readdirSync(dataDir)).toEqual([]);
  expect(unwrap(loadPseudonymKey("x".repeat(32), dataDir, true))).toMatchObject({ isNew: false });
  expect(readdirSync(dataDir)).toEqual([]);
});

test("a file without a complete key is refused in one line that does not show it, and left unchanged", () => {
  mkdirSync(dataDir);
  const whole = "0123456789abcdef".repeat(4);
  const broken = fc.oneof(
    fc.nat(63).map((length) => whole.slice(0, length)),
    fc
      .tuple(fc.nat(63), fc.constantFrom("g", " ", "-", "é", "\n"))
      .map(([at, wrong]) => whole.slice(0, at) + wrong + whole.slice(at + 1, 64)),
    fc.string({ minLength: 65 }),
  );
  fc.assert(
    fc.property(broken, fc.boolean(), (text, hasData) => {
      fc.pre(!/^\s*[0-9a-f]{64}\s*$/i.test(text));
      writeFileSync(keyFile(), text);
      expect(loadPseudonymKey(undefined, dataDir, hasData)).toEqual(
        failed(["pseudonym.key: is not a whole key, of 64 hexadecimal digits; restore it from a copy"]),
      );
      expect(readFileSync(keyFile(), "utf8")).toBe(text);
    }),
    { numRuns: 200 },
  );
  writeFileSync(keyFile(), `${whole.toUpperCase()}\n`);
  expect(loadPseudonymKey(undefined, dataDir, true)).toEqual(ok({ secret: Buffer.from(whole, "hex"), isNew: false }));
});

test("a key that cannot be read or created is reported in one line too", () => {
  mkdirSync(keyFile(), { recursive: true });
  expect(loadPseudonymKey(undefined, dataDir, true)).toEqual(
    failed(["pseudonym.key: cannot be read or made in TRINITY_DATA_DIR (EISDIR)"]),
  );
  rmSync(dataDir, { recursive: true });
  writeFileSync(dataDir, "");
  expect(loadPseudonymKey(undefined, dataDir, false)).toEqual(failed([expect.stringMatching(/^pseudonym\.key: cannot .* \(E[A-Z]+\)$/)]));
});
