import { expect, test } from "vitest";
import { assertNodeVersion } from "./node-version.ts";

test.each(["20.20.2", "22.12.0"])("Node %s is refused before a native module crashes it", (version) => {
  expect(() => assertNodeVersion(version)).toThrow(`need Node 24 or newer, this is ${version}`);
});

test.each(["24.0.0", "24.21.0", "26.1.0"])("Node %s may run the tests", (version) => {
  expect(() => assertNodeVersion(version)).not.toThrow();
});
