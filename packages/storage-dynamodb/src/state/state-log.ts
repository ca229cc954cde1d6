import { StoreUnavailableError } from "@trinity/storage/event-store";
import { blobFieldsOf, pieceKeysOf, readBlob, writeBlob } from "../client/blob.ts";
import type { Dynamo, Item, ItemKey } from "../client/dynamo.ts";
import { inParallel } from "../client/in-parallel.ts";
import { SerialQueue } from "../client/serial-queue.ts";
import { sortable } from "../client/sort-key.ts";
import { olderThanItsPages, olderThanSeen, readManifest } from "../log/complete-log.ts";
import { itemOfManifest, type Manifest, manifestOfItem, type StepPlace, unchangedSince } from "./manifest.ts";
import type { Overlay } from "./mem-table.ts";
import { type PageStore, StaleViewError } from "./page-store.ts";
import { decodeStep, encodeStep, type StateStep } from "./state-delta.ts";

/** What a change makes of the manifest; null where there is nothing to change. */
export type Change = {
  readonly fields: Partial<Omit<Manifest, "version" | "writer" | "position" | "steps">>;
  /** What it does to the pages. */
  readonly step?: StateStep;
};

/** Steps lie in so many partitions: all are written and read while they are new. */
const stepPartitions = 16;
const staleReadsMax = 50;
const lostRacesMax = 50;

/** Steps, oldest first, each under the condition that no other has come before it; and the state as they leave it. */
export class StateLog {
  readonly #dynamo: Dynamo;
  readonly #overlay: Overlay;
  readonly #pages: PageStore;
  readonly #process: string;
  readonly #refreshes = new SerialQueue();
  readonly #commits = new SerialQueue();
  #manifest: Manifest | null = null;
  #waiting: Promise<Manifest> | null = null;
  #tokens = 0;

  /** @param process a text without spaces that no other process ever had */
  constructor(dynamo: Dynamo, overlay: Overlay, pages: PageStore, process: string) {
    this.#dynamo = dynamo;
    this.#overlay = overlay;
    this.#pages = pages;
    this.#process = process;
  }

  /** @returns a text that was never used before */
  newToken(): string {
    return `${this.#process}.${(this.#tokens++).toString(36)}`;
  }

  /** @returns where the state stands, at the call or after it; all steps up to there are in the overlay */
  refresh(): Promise<Manifest> {
    // Who asks while another's look is under way waits for the next one, together with all who do.
    this.#waiting ??= this.#refreshes.run(() => {
      this.#waiting = null;
      return this.#refresh();
    });
    return this.#waiting;
  }

  /** Reads the state as of one moment: again from a later one, if it moves on too far meanwhile. */
  async atOneMoment<Result>(read: (at: Manifest) => Promise<Result>): Promise<Result> {
    let first: Manifest | null = null;
    for (let tries = 1; ; tries++) {
      const at = await this.refresh();
      first ??= at;
      try {
        return await read(at);
      } catch (error) {
        if (!(error instanceof StaleViewError)) throw error;
        // Pages never get ahead of the manifest by themselves.
        if (tries === staleReadsMax) throw at.version === first.version ? olderThanItsPages(error) : error;
      }
    }
  }

  /**
   * Changes the state, one change of this process at a time.
   * @param decide what to change, given the state as it is; asked again when somebody else was faster. What it throws is thrown
   * @returns false where there was nothing to change
   */
  commit(decide: (at: Manifest) => Promise<Change | null>): Promise<boolean> {
    return this.#commits.run(async () => {
      for (let tries = 1; tries <= lostRacesMax; tries++) {
        const { at, change } = await this.atOneMoment(async (manifest) => ({ at: manifest, change: await decide(manifest) }));
        if (change === null) return false;
        if (await this.#write(at, change)) return true;
      }
      throw new StoreUnavailableError("others changed the state every time");
    });
  }

  /** The pages hold everything up to the position: steps up to there are not needed any more. */
  async raiseFloor(position: number): Promise<void> {
    let from = position;
    await this.commit(async (at) => {
      from = Math.min(at.floor, position);
      return from < position ? { fields: { floor: position } } : null;
    });
    await this.#removeSteps(from, position);
  }

  async settled(): Promise<void> {
    await this.#commits.settled();
    await this.#refreshes.settled();
  }

  async #write(at: Manifest, { fields, step }: Change): Promise<boolean> {
    const writer = this.newToken();
    const position = step === undefined ? at.position : at.position + 1;
    const steps = step === undefined ? at.steps : [...at.steps, await this.#putStep(position, writer, step)];
    const floor = fields.floor ?? at.floor;
    const next: Manifest = { ...at, ...fields, version: at.version + 1, writer, position, steps: steps.slice(floor - at.floor) };
    const outcome = await this.#dynamo.putIf("manifest", "state", itemOfManifest(next), unchangedSince(at));
    if (outcome.written) return true;
    // An attempt whose answer was lost may have taken effect, and others may have gone on from there.
    const found = manifestOfItem(outcome.found);
    return found.writer === writer || found.steps.some(({ token }) => token === writer);
  }

  async #putStep(position: number, token: string, step: StateStep): Promise<StepPlace> {
    const bytes = encodeStep(step);
    const fields = await writeBlob(this.#dynamo, "steps", "state", `step.${token}`, bytes);
    await this.#dynamo.put("steps", "state", { ...stepKey(position, token), ...fields });
    return { token, bytes: bytes.length };
  }

  async #refresh(): Promise<Manifest> {
    for (let tries = 0; ; tries++) {
      const manifest = await readManifest(this.#dynamo);
      if (manifest.version < (this.#manifest?.version ?? 0)) throw olderThanSeen();
      if (this.#manifest === null || this.#manifest.position < manifest.floor) this.#restart(manifest);
      const known = (this.#manifest as Manifest).position;
      const steps = await this.#readSteps(manifest, known);
      if (steps !== null) {
        for (const [i, step] of steps.entries()) this.#overlay.add(known + 1 + i, step);
        this.#raise(manifest.floor);
        this.#manifest = manifest;
        return manifest;
      }
      // Steps that the manifest named are gone: it has been written anew since.
      if (tries === staleReadsMax) throw new StoreUnavailableError("steps of the state are missing");
    }
  }

  #restart(manifest: Manifest): void {
    this.#overlay.restart(manifest.floor);
    this.#pages.clear();
    this.#manifest = { ...manifest, position: manifest.floor };
  }

  #raise(floor: number): void {
    if (floor <= this.#overlay.floor) return;
    this.#pages.advance(floor);
    this.#overlay.prune(floor);
  }

  async #readSteps(manifest: Manifest, known: number): Promise<readonly StateStep[] | null> {
    const keys = manifest.steps.slice(known - manifest.floor).map(({ token }, i) => stepKey(known + 1 + i, token));
    if (keys.length === 0) return [];
    const items = new Map((await this.#dynamo.getAll("steps", "state", keys)).map((item) => [item.sk, item]));
    const bytes = await inParallel(keys, 4, async ({ sk }) => {
      const item = items.get(sk);
      return item === undefined ? null : readBlob(this.#dynamo, "steps", "state", blobFieldsOf(item));
    });
    return bytes.includes(null) ? null : bytes.map((step) => decodeStep(step as Uint8Array));
  }

  /** Also those whose writers lost their race or their life: they lie at the same positions. */
  async #removeSteps(after: number, through: number): Promise<void> {
    const count = Math.min(stepPartitions, through - after);
    const partitions = Array.from({ length: count }, (_, i) => partitionOfStep(through - i));
    await inParallel(partitions, 4, async (pk) => {
      const items = await this.#dynamo.query("steps", "state", pk, { to: `${sortable(through)}~` });
      const pieces = items.flatMap((item: Item) => pieceKeysOf(blobFieldsOf(item)));
      await this.#dynamo.writeAll("steps", "state", [], [...items, ...pieces]);
    });
  }
}

function stepKey(position: number, token: string): ItemKey {
  return { pk: partitionOfStep(position), sk: `${sortable(position)}#${token}` };
}

function partitionOfStep(position: number): string {
  return `step#${position % stepPartitions}`;
}
