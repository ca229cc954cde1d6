import { batchOf, newEvent } from "@trinity/storage/store-examples";
import fc from "fast-check";
import { expect, test } from "vitest";
import { usingDataDir } from "./data-dir.testing.ts";
import { openDatabase } from "./database.ts";
import { LogWriter } from "./log-writer.ts";

/** Of few ids, so that batches repeat those of earlier ones and their own; of keys that begin alike, so that the order is decided by each byte. */
const anyKey = fc
  .tuple(fc.constantFrom(0, 7, 15), fc.constantFrom(0, 1, 127, 128, 255))
  .map(([at, byte]) => Buffer.alloc(16).fill(byte, at, at + 1));
const anyBatches = fc.array(fc.array(anyKey, { maxLength: 40 }), { maxLength: 8 });

test("Feature: analytics-system, Property 1: event tracking completeness - of equal keys the first is appended, and all others are its duplicates", () =>
  usingDataDir(async (dataDir) => {
    // Without a sync for each of the many commits.
    const database = openDatabase(dataDir, "log", "shadow");
    try {
      fc.assert(
        fc.property(anyBatches, (batches) => {
          database.exec("DELETE FROM event_id; DELETE FROM chunk; DELETE FROM chunk_day; DELETE FROM day_total");
          const writer = new LogWriter(database);
          const known = new Set<string>();
          for (const keys of batches) {
            const expected = keys.map((key) => known.size === known.add(key.toString("hex")).size);
            const { outcome } = writer.append(batchOf(keys.map((key, i) => ({ ...newEvent(`e${i}`), key }))));
            expect(outcome.duplicate).toEqual(expected);
          }
          expect(database.prepare("SELECT lower(hex(key)) FROM event_id").pluck().all()).toEqual([...known].sort());
        }),
        { numRuns: 100 },
      );
    } finally {
      database.close();
    }
  }));
