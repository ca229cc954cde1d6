import { emptyWatermark, type Watermark } from "@trinity/aggregation/fold";
import type { VerificationCycle } from "@trinity/storage/verification-store";
import type { Condition, Dynamo, Item, ItemKey } from "../client/dynamo.ts";

/**
 * The current version of the state: its pages as of delta `compactedThrough`, and the deltas from there to `sequence`. A change is committed by
 * one conditional put that replaces the manifest, if its version is still the one that was read.
 */
export type Manifest = {
  /** Counts puts of the manifest; 0 before the first. */
  readonly version: number;
  /** Token of the put that wrote this version. */
  readonly writer: string;
  readonly watermark: Watermark;
  /** Writer of the log entry at the watermark. Absent when an older release folded it. */
  readonly foldedWriter?: string;
  /** Pages contain all deltas up to this sequence number. */
  readonly compactedThrough: number;
  /** Sequence number of the last delta. */
  readonly sequence: number;
  /** The deltas after `compactedThrough`, in order. */
  readonly deltas: readonly DeltaRef[];
  /** By the clock of the process that changed it last. */
  readonly changedAtMs: number;
  readonly frozenBeforeMs: number;
  readonly lastCycle: VerificationCycle | null;
  /** How many state rows were ever repaired. */
  readonly repairs: number;
};

/** A delta: the token in its key, and its size. */
export type DeltaRef = { readonly token: string; readonly bytes: number };

const manifestKey: ItemKey = { pk: "manifest", sk: "manifest" };

const emptyManifest: Manifest = {
  version: 0,
  writer: "",
  watermark: emptyWatermark,
  compactedThrough: 0,
  sequence: 0,
  deltas: [],
  changedAtMs: 0,
  frozenBeforeMs: 0,
  lastCycle: null,
  repairs: 0,
};

/** The JSON in the item, with the names that the first release stored. */
type StoredFields = Omit<Manifest, "version" | "writer" | "deltas" | "watermark" | "compactedThrough" | "sequence" | "lastCycle"> & {
  readonly mark: Watermark;
  readonly floor: number;
  readonly position: number;
  readonly lastCycle: StoredCycle | null;
};
type StoredCycle = Omit<VerificationCycle, "unresolved" | "unresolvedBuckets"> & {
  readonly unsettled: number;
  /** Absent if there is none, as in the items of older releases. */
  readonly unsettledBuckets?: VerificationCycle["unresolvedBuckets"];
};
/** Some releases stored the watermark under its name. */
type ReadFields = StoredFields & { readonly watermark?: Watermark };

export function itemOfManifest({ version, writer, deltas, watermark, compactedThrough, sequence, ...rest }: Manifest): Item {
  const lastCycle = storedCycle(rest.lastCycle);
  const fields: StoredFields = { mark: watermark, floor: compactedThrough, position: sequence, ...rest, lastCycle };
  const steps = deltas.map(({ token, bytes }) => `${token}/${bytes}`).join(" ");
  return { ...manifestKey, version, writer, steps, manifest: JSON.stringify(fields) };
}

export function manifestOfItem(item: Item | null): Manifest {
  if (item === null) return emptyManifest;
  const deltas = item.steps === "" ? [] : (item.steps as string).split(" ").map(deltaRefOf);
  const { mark, watermark = mark, floor, position, ...rest } = JSON.parse(item.manifest as string) as ReadFields;
  const fields = { ...rest, watermark, compactedThrough: floor, sequence: position, lastCycle: cycleOfStored(rest.lastCycle) };
  return { ...fields, version: item.version as number, writer: item.writer as string, deltas };
}

function storedCycle(cycle: VerificationCycle | null): StoredFields["lastCycle"] {
  if (cycle === null) return null;
  const { unresolved: unsettled, unresolvedBuckets: unsettledBuckets, ...rest } = cycle;
  return { ...rest, unsettled, ...(unsettledBuckets.length > 0 && { unsettledBuckets }) };
}

function cycleOfStored(cycle: StoredFields["lastCycle"]): VerificationCycle | null {
  if (cycle === null) return null;
  const { unsettled: unresolved, unsettledBuckets: unresolvedBuckets = [], ...rest } = cycle;
  return { ...rest, unresolved, unresolvedBuckets };
}

/** @returns the current manifest */
export async function readManifest(dynamo: Dynamo): Promise<Manifest> {
  return manifestOfItem(await dynamo.get("manifest", "state", manifestKey));
}

function deltaRefOf(text: string): DeltaRef {
  const [token, bytes] = text.split("/") as [string, string];
  return { token, bytes: Number(bytes) };
}

/** The condition that the manifest was not replaced since it was read. */
export function unchangedSince({ version }: Manifest): Condition {
  if (version === 0) return { expression: "attribute_not_exists(pk)" };
  return { expression: "#version = :version", names: { "#version": "version" }, values: { ":version": version } };
}

/** Revisions differ between watermarks of one store. The other fields also refuse a fold that began at the watermark of another store. */
export function isSameWatermark(a: Watermark, b: Watermark): boolean {
  return a.seq === b.seq && a.revision === b.revision && a.users === b.users && a.minutesFromMs === b.minutesFromMs;
}
