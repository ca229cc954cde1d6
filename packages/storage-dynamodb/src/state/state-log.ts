import { mapConcurrently } from "@trinity/runtime/limiter";
import { SerialQueue } from "@trinity/runtime/serial-queue";
import { StoreUnavailableError } from "@trinity/storage/event-store";
import { blobFieldsOf, pieceKeysOf, readBlob, writeBlob } from "../client/blob.ts";
import type { Dynamo, Item, ItemKey } from "../client/dynamo.ts";
import { sortable } from "../client/sort-key.ts";
import { olderThanItsPages, olderThanSeen } from "../restored-tables.ts";
import { type DeltaRef, itemOfManifest, type Manifest, manifestOfItem, readManifest, unchangedSince } from "./manifest.ts";
import type { MemTable } from "./mem-table.ts";
import { type PageStore, SnapshotTooOldError } from "./page-store.ts";
import { decodeDelta, encodeDelta, type StateDelta } from "./state-delta.ts";

/** A change of the state. */
export type Change = {
  /** New values for fields of the manifest. */
  readonly fields: Partial<Omit<Manifest, "version" | "writer" | "sequence" | "deltas">>;
  /** Changes of pages. Absent when only the manifest changes. */
  readonly delta?: StateDelta;
};

/** Deltas are spread over partitions because all processes write and read the newest ones. */
const deltaPartitions = 16;
const oldSnapshotsMax = 50;
const lostRacesMax = 50;

/** The write-ahead log of the state: commits deltas one after the other and keeps the mem table up to date with them. */
export class StateLog {
  readonly #dynamo: Dynamo;
  readonly #memTable: MemTable;
  readonly #pages: PageStore;
  readonly #process: string;
  readonly #refreshes = new SerialQueue();
  readonly #commits = new SerialQueue();
  #manifest: Manifest | null = null;
  #waiting: Promise<Manifest> | null = null;
  #tokens = 0;

  /** @param process unique for every process, without spaces */
  constructor(dynamo: Dynamo, memTable: MemTable, pages: PageStore, process: string) {
    this.#dynamo = dynamo;
    this.#memTable = memTable;
    this.#pages = pages;
    this.#process = process;
  }

  /** @returns a text that is unique over all processes */
  newToken(): string {
    return `${this.#process}.${(this.#tokens++).toString(36)}`;
  }

  /** @returns the current manifest, read after the call; the mem table has all of its deltas */
  refresh(): Promise<Manifest> {
    // Callers during a read share the next one, because the running read may have begun before their call.
    this.#waiting ??= this.#refreshes.run(() => {
      this.#waiting = null;
      return this.#refresh();
    });
    return this.#waiting;
  }

  /** Reads from one snapshot. Repeats on the current version when the snapshot was compacted away while reading. */
  async readSnapshot<Result>(read: (at: Manifest) => Promise<Result>): Promise<Result> {
    let first: Manifest | null = null;
    for (let tries = 1; ; tries++) {
      const at = await this.refresh();
      first ??= at;
      try {
        return await read(at);
      } catch (error) {
        if (!(error instanceof SnapshotTooOldError)) throw error;
        // Pages newer than an unchanged manifest mean that the manifest's table was restored to an older state.
        if (tries === oldSnapshotsMax) throw at.version === first.version ? olderThanItsPages(error) : error;
      }
    }
  }

  /**
   * Commits a change. Changes of one process are committed one after the other.
   * @param decide returns the change, or null to change nothing. Called again when another process committed first; its errors are passed on
   * @returns whether anything was changed
   * @throws {StoreUnavailableError} after 50 conflicting commits of other processes
   */
  commit(decide: (at: Manifest) => Promise<Change | null>): Promise<boolean> {
    return this.#commits.run(async () => {
      for (let tries = 1; tries <= lostRacesMax; tries++) {
        const { at, change } = await this.readSnapshot(async (manifest) => ({ at: manifest, change: await decide(manifest) }));
        if (change === null) return false;
        if (await this.#write(at, change)) return true;
      }
      throw new StoreUnavailableError(`gave up after ${lostRacesMax} conflicting commits`);
    });
  }

  /** Records that pages contain all deltas up to `sequence`, and deletes those deltas. */
  async setCompactedThrough(sequence: number): Promise<void> {
    let from = sequence;
    await this.commit(async (at) => {
      from = Math.min(at.compactedThrough, sequence);
      return from < sequence ? { fields: { compactedThrough: sequence } } : null;
    });
    await this.#removeDeltas(from, sequence);
  }

  async settled(): Promise<void> {
    await this.#commits.settled();
    await this.#refreshes.settled();
  }

  async #write(at: Manifest, { fields, delta }: Change): Promise<boolean> {
    const writer = this.newToken();
    const sequence = delta === undefined ? at.sequence : at.sequence + 1;
    const deltas = delta === undefined ? at.deltas : [...at.deltas, await this.#putDelta(sequence, writer, delta)];
    const compactedThrough = fields.compactedThrough ?? at.compactedThrough;
    const next: Manifest = {
      ...at,
      ...fields,
      version: at.version + 1,
      writer,
      sequence,
      deltas: deltas.slice(compactedThrough - at.compactedThrough),
    };
    const outcome = await this.#dynamo.putIf("manifest", "state", itemOfManifest(next), unchangedSince(at));
    if (outcome.written) return true;
    // An attempt whose response was lost may have succeeded, and later commits may follow it.
    const found = manifestOfItem(outcome.found);
    return found.writer === writer || found.deltas.some(({ token }) => token === writer);
  }

  async #putDelta(sequence: number, token: string, delta: StateDelta): Promise<DeltaRef> {
    const bytes = encodeDelta(delta);
    const fields = await writeBlob(this.#dynamo, "deltas", "state", `step.${token}`, bytes);
    await this.#dynamo.put("deltas", "state", { ...deltaKey(sequence, token), ...fields });
    return { token, bytes: bytes.length };
  }

  async #refresh(): Promise<Manifest> {
    for (let tries = 0; ; tries++) {
      const manifest = await readManifest(this.#dynamo);
      if (manifest.version < (this.#manifest?.version ?? 0)) throw olderThanSeen();
      if (this.#manifest === null || this.#manifest.sequence < manifest.compactedThrough) this.#restart(manifest);
      const known = (this.#manifest as Manifest).sequence;
      const deltas = await this.#readDeltas(manifest, known);
      if (deltas !== null) {
        for (const [i, delta] of deltas.entries()) this.#memTable.add(known + 1 + i, delta);
        this.#forgetCompacted(manifest.compactedThrough);
        this.#manifest = manifest;
        return manifest;
      }
      // Deltas of this manifest were deleted, so there is a newer one.
      if (tries === oldSnapshotsMax) throw new StoreUnavailableError("deltas of the state are missing");
    }
  }

  #restart(manifest: Manifest): void {
    this.#memTable.restart(manifest.compactedThrough);
    this.#pages.clear();
    this.#manifest = { ...manifest, sequence: manifest.compactedThrough };
  }

  #forgetCompacted(compactedThrough: number): void {
    if (compactedThrough <= this.#memTable.compactedThrough) return;
    this.#pages.advance(compactedThrough);
    this.#memTable.prune(compactedThrough);
  }

  async #readDeltas(manifest: Manifest, known: number): Promise<readonly StateDelta[] | null> {
    const keys = manifest.deltas.slice(known - manifest.compactedThrough).map(({ token }, i) => deltaKey(known + 1 + i, token));
    if (keys.length === 0) return [];
    const items = new Map((await this.#dynamo.getAll("deltas", "state", keys)).map((item) => [item.sk, item]));
    const bytes = await mapConcurrently(keys, 4, async ({ sk }) => {
      const item = items.get(sk);
      return item === undefined ? null : readBlob(this.#dynamo, "deltas", "state", blobFieldsOf(item));
    });
    return bytes.includes(null) ? null : bytes.map((delta) => decodeDelta(delta as Uint8Array));
  }

  /** Also deletes deltas of writers that lost a commit or crashed: their keys begin with the same sequence numbers. */
  async #removeDeltas(after: number, through: number): Promise<void> {
    const count = Math.min(deltaPartitions, through - after);
    const partitions = Array.from({ length: count }, (_, i) => partitionOfDelta(through - i));
    await mapConcurrently(partitions, 4, async (pk) => {
      const items = await this.#dynamo.query("deltas", "state", pk, { to: `${sortable(through)}~` });
      const pieces = items.flatMap((item: Item) => pieceKeysOf(blobFieldsOf(item)));
      await this.#dynamo.writeAll("deltas", "state", [], [...items, ...pieces]);
    });
  }
}

function deltaKey(sequence: number, token: string): ItemKey {
  return { pk: partitionOfDelta(sequence), sk: `${sortable(sequence)}#${token}` };
}

function partitionOfDelta(sequence: number): string {
  return `step#${sequence % deltaPartitions}`;
}
