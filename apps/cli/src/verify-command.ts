import type { DifferingCell, Verification } from "@trinity/storage/verify-store";
import { verifyStore } from "@trinity/storage/verify-store";
import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { startProgress } from "./progress.ts";

/** Derives every bucket anew from the log of a data folder and compares; ingest may be running. @returns the exit code: 1 when anything differs */
export async function verifyDataDir(settings: { readonly dataDir: string; readonly json: boolean }): Promise<number> {
  const store = openSqliteStore({ dataDir: settings.dataDir, mode: "readonly" });
  const { seq } = await store.readMark();
  const progress = startProgress("verify", seq, settings.json);
  try {
    const verification = await verifyStore(store, (derivedSeq) => progress.update(derivedSeq));
    progress.stop();
    process.stdout.write(settings.json ? `${JSON.stringify(reportOf(verification))}\n` : textOf(verification));
    return verification.differingCells.length + verification.differingEntities.length > 0 ? 1 : 0;
  } finally {
    progress.stop();
    await store.close();
  }
}

function reportOf(verification: Verification) {
  return { ...verification, differingCells: verification.differingCells.map((cell) => ({ ...cell, bucket: bucketOf(cell) })) };
}

function textOf({ throughSeq, buckets, entities, differingCells, differingEntities }: Verification): string {
  const lines = [
    `${buckets} buckets and ${entities} entities derived from ${throughSeq} commits of the log: ${differingCells.length + differingEntities.length} differ`,
    ...differingCells.map(
      (cell) =>
        `  ${cell.set} ${cell.tier} ${bucketOf(cell)} ${JSON.stringify(cell.value)}: ${JSON.stringify(cell.stored)} should be ${JSON.stringify(cell.derived)}`,
    ),
    ...differingEntities.map(({ kind, key }) => `  ${kind} ${key}`),
  ];
  return `${lines.join("\n")}\n`;
}

function bucketOf({ bucketMs }: DifferingCell): string {
  return new Date(bucketMs).toISOString();
}
