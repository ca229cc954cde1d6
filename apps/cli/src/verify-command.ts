import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { EventStore } from "@trinity/storage/event-store";
import { verifyStore } from "@trinity/storage/verify-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { startProgress } from "./progress.ts";
import { reportOf, textOf } from "./state-report.ts";

export type VerifySettings = { readonly dataDir: string; readonly json: boolean; readonly signal: AbortSignal };

/**
 * Derives everything anew from the log of a data folder, in files beside it that are removed again, and compares; ingest may be running.
 * @returns the exit code: 1 when anything differs
 */
export async function verifyDataDir({ dataDir, json, signal }: VerifySettings): Promise<number> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    const { seq } = await store.readMark();
    const progress = startProgress("verify", seq, json);
    try {
      const verification = await withDerivedFiles(dataDir, (derived) =>
        verifyStore(store, {
          derived,
          pace: async () => signal.throwIfAborted(),
          onProgress: (derivedSeq) => progress.update(derivedSeq),
        }),
      );
      progress.stop();
      const marks = await store.readVerification();
      process.stdout.write(json ? `${JSON.stringify(reportOf(verification, marks))}\n` : textOf(verification, marks));
      return verification.differing > 0 ? 1 : 0;
    } finally {
      progress.stop();
    }
  } finally {
    await store.close();
  }
}

async function withDerivedFiles<Result>(dataDir: string, use: (derived: EventStore) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(dataDir, "verify-once-"));
  const derived = openSqliteStore({ dataDir: folder, mode: "derivation" });
  try {
    return await use(derived);
  } finally {
    await derived.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
