import { tierMs } from "@trinity/aggregation/bucket";
import { tierRank } from "@trinity/storage/cell-order";
import type { BucketCheck, BucketKey, VerificationSummary } from "@trinity/storage/verification-store";
import type { Database, Statement } from "better-sqlite3";

type Counts = Pick<VerificationSummary, "buckets" | "verified" | "pending" | "repaired" | "frozen">;
type BucketColumns = [tier: number, bucketMs: number, setId: number];

/** The status of buckets, changed inside the caller's transaction. */
export class BucketTable {
  readonly #touch: Statement<[...BucketColumns, revision: number]>;
  readonly #delete: Statement<BucketColumns>;
  readonly #dropBefore: Statement<[tier: number, beforeMs: number]>;
  readonly #check: Statement<[...BucketColumns, revision: number, checkedAtMs: number | null]>;
  readonly #repaired: Statement<[...BucketColumns, revision: number, checkedAtMs: number, repairedAtMs: number]>;
  readonly #pendingBetween: Statement<[fromMs: number, toMs: number], number>;
  readonly #pendingDays: Statement<[], number>;
  readonly #counts: Statement<[frozenBeforeMs: number], Counts>;

  constructor(database: Database) {
    const endMs = `bucket_ms + CASE tier ${Object.entries(tierRank)
      .map(([tier, rank]) => `WHEN ${rank} THEN ${tierMs[tier as keyof typeof tierRank]}`)
      .join(" ")} END`;
    this.#touch = database.prepare(
      `INSERT INTO bucket (tier, bucket_ms, set_id, revision) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET revision = excluded.revision, checked_at_ms = NULL`,
    );
    this.#delete = database.prepare("DELETE FROM bucket WHERE tier = ? AND bucket_ms = ? AND set_id = ?");
    this.#dropBefore = database.prepare("DELETE FROM bucket WHERE tier = ? AND bucket_ms < ?");
    // An unchanged status writes nothing, so a cycle over an idle store only reads.
    this.#check = database.prepare(
      `INSERT INTO bucket (tier, bucket_ms, set_id, revision, checked_at_ms) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET checked_at_ms = excluded.checked_at_ms
       WHERE bucket.revision <= excluded.revision AND (bucket.checked_at_ms IS NULL) <> (excluded.checked_at_ms IS NULL)`,
    );
    this.#repaired = database.prepare(
      `INSERT INTO bucket (tier, bucket_ms, set_id, revision, checked_at_ms, repaired_at_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE
       SET revision = excluded.revision, checked_at_ms = excluded.checked_at_ms, repaired_at_ms = excluded.repaired_at_ms`,
    );
    this.#pendingBetween = database
      .prepare<[number, number], number>(`SELECT count(*) FROM bucket WHERE checked_at_ms IS NULL AND ${endMs} > ? AND ${endMs} <= ?`)
      .pluck();
    this.#pendingDays = database
      .prepare<[], number>(
        `SELECT DISTINCT bucket_ms - bucket_ms % ${tierMs.day} AS day FROM bucket WHERE checked_at_ms IS NULL ORDER BY day`,
      )
      .pluck();
    this.#counts = database.prepare(
      `SELECT count(*) AS buckets, count(*) FILTER (WHERE checked_at_ms IS NULL) AS pending,
              count(*) FILTER (WHERE checked_at_ms IS NOT NULL AND repaired_at_ms IS NULL) AS verified,
              count(*) FILTER (WHERE checked_at_ms IS NOT NULL AND repaired_at_ms IS NOT NULL) AS repaired,
              count(*) FILTER (WHERE ${endMs} <= ?) AS frozen
       FROM bucket`,
    );
  }

  /** After a fold changed the bucket: it is pending, or gone when it has no cells. */
  touch(setId: number, { tier, bucketMs }: Omit<BucketKey, "set">, revision: number, hasCells: boolean): void {
    if (hasCells) this.#touch.run(tierRank[tier], bucketMs, setId, revision);
    else this.#delete.run(tierRank[tier], bucketMs, setId);
  }

  dropMinutesBefore(beforeMs: number): void {
    this.#dropBefore.run(tierRank.minute, beforeMs);
  }

  check(setId: number, { tier, bucketMs, revision, matches }: BucketCheck, checkedAtMs: number): void {
    this.#check.run(tierRank[tier], bucketMs, setId, revision, matches ? checkedAtMs : null);
  }

  repaired(setId: number, { tier, bucketMs }: Omit<BucketKey, "set">, revision: number, atMs: number): void {
    this.#repaired.run(tierRank[tier], bucketMs, setId, revision, atMs, atMs);
  }

  /** @returns how many buckets that end in `(fromMs, toMs]` are pending */
  pendingBetween(fromMs: number, toMs: number): number {
    return this.#pendingBetween.get(fromMs, toMs) as number;
  }

  pendingDays(): readonly number[] {
    return this.#pendingDays.all();
  }

  counts(frozenBeforeMs: number): Counts {
    return this.#counts.get(frozenBeforeMs) as Counts;
  }
}
