import { StoreTakenError, StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";
import { expect, test } from "vitest";
import { createSkipLog } from "./skip-log.ts";

function logging() {
  const lines: string[] = [];
  const write = (level: string) => (fields: { readonly reason: string }, message: string) =>
    void lines.push(`${level} ${message.split(":")[0]} (${fields.reason})`);
  return { lines, log: createSkipLog("verification", { info: write("info"), warn: write("warn") }) };
}

test("a failing disk is logged once, however many cycles there are, and so is its end", () => {
  const { lines, log } = logging();
  log.done();
  for (let cycle = 0; cycle < 3; cycle++) log.skipped(new StoreUnavailableError("SQLITE_IOERR_READ"));
  log.done();
  log.done();
  expect(lines).toEqual(["warn verification waits (SQLITE_IOERR_READ)", "info verification goes on (SQLITE_IOERR_READ)"]);
});

test("another reason is another line, and work of another process is no warning", () => {
  const { lines, log } = logging();
  log.skipped(new StoreUnavailableError("SQLITE_FULL"));
  log.skipped(new StoreTakenError("another process verifies"));
  log.skipped(new LeaseLostError("another has it"));
  log.skipped(new StoreUnavailableError("SQLITE_FULL"));
  expect(lines).toEqual([
    "warn verification waits (SQLITE_FULL)",
    "info verification is left to another process (another process verifies)",
    "info verification is left to another process (another has it)",
    "warn verification waits (SQLITE_FULL)",
  ]);
});
