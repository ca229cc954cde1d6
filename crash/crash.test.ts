import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runKills } from "./run-kills.ts";

test("events that an ingest process acknowledged before a kill -9 are stored and counted exactly once", { timeout: 120_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "trinity-crash-"));
  try {
    const report = await runKills({
      dataDir,
      environment: process.env,
      kills: 3,
      seed: 7,
      senders: 3,
      batchEvents: 40,
      restMs: 20,
      clock: { nowMs: () => Date.now() },
      onKill: () => {},
    });
    expect(report.acknowledged).toBeGreaterThan(0);
    expect(report.checks.filter(({ passed }) => !passed)).toEqual([]);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
