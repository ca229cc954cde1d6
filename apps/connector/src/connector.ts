import { setMaxListeners } from "node:events";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { isMapped } from "@trinity/trinity-connector/table-kind";
import type { ShardConsumers } from "./shard-consumers.ts";
import type { SourceTable } from "./source-table.ts";
import { matchesAny } from "./table-pattern.ts";

export type ConnectorSettings = {
  /** Lists Trinity's current tables. */
  readonly findTables: (signal: AbortSignal) => Promise<readonly SourceTable[]>;
  readonly consumers: ShardConsumers;
  /** Follows a table without a stream until the signal aborts. */
  readonly poll: (table: SourceTable, signal: AbortSignal) => Promise<void>;
  readonly pollPatterns: readonly string[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Between two searches for new shards. */
  readonly roundMs?: number;
  /** Between two searches for new tables and streams. */
  readonly discoveryMs?: number;
  /** Called with the tables that could be followed and are not: their stream is off and they are not polled. */
  readonly onUnfollowed: (tables: readonly SourceTable[]) => void;
  readonly onFailure: (error: unknown) => void;
};

export type Connector = {
  tables(): readonly SourceTable[];
  /** When the shards of all streams were last assigned; null before the first time. */
  assignedAtMs(): number | null;
  /** New shards may exist: searches for them at once. */
  wake(): void;
  stop(): Promise<void>;
};

/** Follows Trinity's tables: finds them and their shards repeatedly, and makes sure that each is read. */
export function startConnector(settings: ConnectorSettings): Connector {
  const {
    findTables,
    consumers,
    poll,
    pollPatterns,
    clock,
    sleep,
    onUnfollowed,
    onFailure,
    roundMs = 5_000,
    discoveryMs = 60_000,
  } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;
  setMaxListeners(0, signal); // every running request listens to it
  const polling = new Map<string, { readonly end: () => void; readonly ended: Promise<void> }>();
  let tables: readonly SourceTable[] = [];
  let discoveredAtMs: number | null = null;
  let assignedAtMs: number | null = null;
  let unfollowed = "";
  let rest = new AbortController();

  async function discover(): Promise<void> {
    if (discoveredAtMs !== null && clock.nowMs() - discoveredAtMs < discoveryMs) return;
    tables = await findTables(signal);
    discoveredAtMs = clock.nowMs();
    const off = tables.filter(({ kind, streamArn }) => isMapped(kind) && streamArn === null);
    const polled = off.filter(({ tableName }) => matchesAny(tableName, pollPatterns));
    assignPolling(polled);
    const left = off.filter((table) => !polled.includes(table));
    const names = left.map(({ tableName }) => tableName).join();
    if (names !== unfollowed) onUnfollowed(left);
    unfollowed = names;
  }

  /** Stops polling tables that have a stream now. */
  function assignPolling(wanted: readonly SourceTable[]): void {
    for (const [tableName, { end }] of polling) {
      if (wanted.some((table) => table.tableName === tableName)) continue;
      end();
      polling.delete(tableName);
    }
    for (const table of wanted) {
      if (polling.has(table.tableName)) continue;
      const over = new AbortController();
      const ended = poll(table, AbortSignal.any([signal, over.signal])).catch(onFailure);
      polling.set(table.tableName, { end: () => over.abort(), ended });
    }
  }

  async function round(): Promise<void> {
    await discover();
    const streams = tables.flatMap(({ tableName, kind, streamArn }) =>
      isMapped(kind) && streamArn !== null ? [{ tableName, streamArn }] : [],
    );
    await consumers.assign(streams, signal);
    assignedAtMs = clock.nowMs();
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      rest = new AbortController();
      await round().catch((error: unknown) => {
        if (signal.aborted) return;
        discoveredAtMs = null;
        onFailure(error);
      });
      await sleep(roundMs, AbortSignal.any([signal, rest.signal])).catch(() => undefined); // stopped or woken: the loop sees it
    }
  }

  const running = run();
  return {
    tables: () => tables,
    assignedAtMs: () => assignedAtMs,
    wake: () => rest.abort(),
    async stop() {
      stopping.abort();
      await running;
      await Promise.allSettled([consumers.ended(), ...[...polling.values()].map(({ ended }) => ended)]);
    },
  };
}
