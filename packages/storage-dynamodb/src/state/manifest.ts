import { emptyWatermark, type Watermark } from "@trinity/aggregation/fold";
import type { VerificationCycle } from "@trinity/storage/verification-store";
import type { Condition, Item, ItemKey } from "../client/dynamo.ts";

/**
 * Where the state stands. The state is what its pages hold up to the position `floor`, and the steps from there up to `position`. Whoever
 * changes it writes the manifest anew, on the condition that nobody has since it was read: that is the one instant at which a change happens.
 */
export type Manifest = {
  readonly version: number;
  /** Who wrote this version. */
  readonly writer: string;
  readonly watermark: Watermark;
  /** Who wrote the chunk of the log that the mark stands at; absent where it was folded before this was kept. */
  readonly foldedWriter?: string;
  readonly floor: number;
  readonly position: number;
  /** The steps behind `floor`, in order. */
  readonly steps: readonly StepPlace[];
  /** By the clock of who changed it last. */
  readonly changedAtMs: number;
  readonly frozenBeforeMs: number;
  readonly lastCycle: VerificationCycle | null;
  /** Parts ever repaired. */
  readonly repairs: number;
};

/** A step by its token, and how many bytes it has. */
export type StepPlace = { readonly token: string; readonly bytes: number };

export const manifestKey: ItemKey = { pk: "manifest", sk: "manifest" };

export const emptyManifest: Manifest = {
  version: 0,
  writer: "",
  watermark: emptyWatermark,
  floor: 0,
  position: 0,
  steps: [],
  changedAtMs: 0,
  frozenBeforeMs: 0,
  lastCycle: null,
  repairs: 0,
};

/** The JSON in the item. The watermark keeps the name that the first release stored. */
type StoredFields = Omit<Manifest, "version" | "writer" | "steps" | "watermark"> & { readonly mark: Watermark };

export function itemOfManifest({ version, writer, steps, watermark, ...rest }: Manifest): Item {
  const manifest: StoredFields = { mark: watermark, ...rest };
  return {
    ...manifestKey,
    version,
    writer,
    steps: steps.map(({ token, bytes }) => `${token}/${bytes}`).join(" "),
    manifest: JSON.stringify(manifest),
  };
}

export function manifestOfItem(item: Item | null): Manifest {
  if (item === null) return emptyManifest;
  const steps = item.steps === "" ? [] : (item.steps as string).split(" ").map(placeOf);
  const { mark: watermark, ...fields } = JSON.parse(item.manifest as string) as StoredFields;
  return { ...fields, watermark, version: item.version as number, writer: item.writer as string, steps };
}

function placeOf(text: string): StepPlace {
  const [token, bytes] = text.split("/") as [string, string];
  return { token, bytes: Number(bytes) };
}

/** That nobody has written since this version. */
export function unchangedSince({ version }: Manifest): Condition {
  if (version === 0) return { expression: "attribute_not_exists(pk)" };
  return { expression: "#version = :version", names: { "#version": "version" }, values: { ":version": version } };
}

/** The same place in the state: the revision tells marks apart, the rest guards against a step made from another store's mark. */
export function isSameWatermark(a: Watermark, b: Watermark): boolean {
  return a.seq === b.seq && a.revision === b.revision && a.users === b.users && a.minutesFromMs === b.minutesFromMs;
}
