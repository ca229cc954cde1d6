import { join } from "node:path";
import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { type HeldLease, holdLease, LeaseLostError, type LeaseSettings } from "@trinity/storage/held-lease";
import type { RecordDelivery } from "./record-delivery.ts";
import { type RememberedTable, readTableMemory, type TableMemory, writeTableMemory } from "./remembered-table.ts";
import { compareRow, type FoundChange, removalOf } from "./row-comparison.ts";
import type { SourceTable } from "./source-table.ts";

export type TablePollerSettings = {
  readonly client: Pick<DynamoDBClient, "send">;
  readonly delivery: RecordDelivery;
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Read units a second that polling one table may take. */
  readonly scanRate: number;
  readonly rowsMax?: number;
};

const pageItems = 200;

/** A table has more rows than can be stored: it needs a stream. */
export class TableTooLargeError extends Error {
  override readonly name = "TableTooLargeError";
}

/**
 * Reads every row of a table once and delivers the changes since the last poll. Without a stream there is no other way to find changes,
 * so the complete table is read, at a bounded rate. All changes of a row between two polls count as one.
 * @param remembered the last poll; becomes this one
 * @returns whether anything changed
 */
export async function lookAtTable(
  table: SourceTable,
  remembered: RememberedTable,
  { client, delivery, clock, sleep, scanRate, rowsMax = 500_000 }: TablePollerSettings,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = new Set<string>();
  let changed = false;

  async function deliver(changes: readonly FoundChange[]): Promise<void> {
    if (changes.length === 0) return;
    changed = true;
    await delivery.deliver(table.tableName, changes, signal);
  }

  for (let after: Record<string, never> | undefined; ; ) {
    const command = new ScanCommand({
      TableName: table.tableName,
      Limit: pageItems,
      ExclusiveStartKey: after,
      ReturnConsumedCapacity: "TOTAL",
    });
    const page = await client.send(command, { abortSignal: signal });
    const compared = (page.Items ?? []).map((image) => compareRow(table, image, (key) => remembered.get(key), clock.nowMs()));
    await deliver(compared.flatMap(({ change }) => change ?? []));
    // Only delivered changes are stored; others are found again at the next poll.
    for (const { key, remember } of compared) {
      seen.add(key);
      remembered.set(key, remember);
    }
    if (remembered.size > rowsMax) throw new TableTooLargeError(`more than ${rowsMax} rows`);
    after = page.LastEvaluatedKey as Record<string, never> | undefined;
    if (after === undefined) break;
    await sleep(((page.ConsumedCapacity?.CapacityUnits ?? 1) / scanRate) * 1_000, signal);
  }

  const gone = [...remembered].filter(([key]) => !seen.has(key));
  await deliver(gone.flatMap(([, row]) => removalOf(table, row, clock.nowMs()) ?? []));
  for (const [key] of gone) remembered.delete(key);
  return changed || gone.length > 0;
}

export type PollingSettings = TablePollerSettings & {
  readonly lease: Omit<LeaseSettings, "name">;
  readonly dataDir: string;
  readonly everyMs: number;
  readonly newId: () => string;
  readonly onLook: (tableName: string, outcome: "done" | "failed", error: unknown) => void;
};

/** Polls repeatedly, while this process has the table's lease; the stored poll stays on this machine. */
export async function pollTable(table: SourceTable, settings: PollingSettings, signal: AbortSignal): Promise<void> {
  const { everyMs, sleep, onLook } = settings;
  while (!signal.aborted) {
    await pollWithLease(table, settings, signal).catch((error: unknown) => {
      if (!signal.aborted) onLook(table.tableName, "failed", error);
    });
    await sleep(everyMs, signal).catch(() => undefined); // aborted: the loop sees it
  }
}

/** Runs until it fails or the lease ends; returns at once while another process has the lease. */
async function pollWithLease(table: SourceTable, settings: PollingSettings, signal: AbortSignal): Promise<void> {
  const { lease, dataDir, everyMs, sleep, onLook } = settings;
  const name = `connector/poll/${table.tableName}`;
  const path = join(dataDir, "connector", `${table.tableName}.remembered`);
  const held = await holdLease({ ...lease, name });
  if (held === null) return;
  const working = AbortSignal.any([signal, held.lost]);
  try {
    const memory = await currentMemory(name, path, held, settings);
    while (!working.aborted) {
      const changed = await lookAtTable(table, memory.rows, settings, working);
      if (changed) await writeTableMemory(path, memory);
      onLook(table.tableName, "done", null);
      await sleep(everyMs, working);
    }
  } finally {
    await held.release();
  }
}

/**
 * The stored poll of this machine, unless another machine has polled the table since. Then it begins anew: with the old poll, changes
 * would be reported once more, with another time.
 */
async function currentMemory(name: string, path: string, held: HeldLease, { lease, newId }: PollingSettings): Promise<TableMemory> {
  const memory = await readTableMemory(path);
  if (memory !== null && memory.id === (await lease.leases.readRecord(name))) return memory;
  const id = newId();
  if ((await held.write(name, id)) === "lost") throw new LeaseLostError(`the lease ${name} was lost`);
  return { id, rows: new Map() };
}
