import { dirname } from "node:path";
import { expect, test, vi } from "vitest";
import { hasPeer } from "./peer.ts";

const nodeFolder = dirname(process.execPath);

test("a program on the path is found", () => {
  expect(hasPeer("node", { PATH: nodeFolder, CI: "true" })).toBe(true);
});

test("a missing program skips its tests and the reason names the command that installs it", () => {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  expect(hasPeer("no-such-program", { PATH: nodeFolder })).toBe(false);
  expect(warn).toHaveBeenCalledWith("skipped: no-such-program is not installed: scripts/install-peers.sh");
});

test("a missing program fails CI", () => {
  expect(() => hasPeer("no-such-program", { PATH: nodeFolder, CI: "true" })).toThrow("no-such-program is not installed");
});
