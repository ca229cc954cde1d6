import { hash } from "node:crypto";
import { canonicalText, readImage } from "@trinity/trinity-connector/attribute-value";
import { rememberedAttributesOf } from "@trinity/trinity-connector/remembered-attributes";
import type { RememberedRow } from "./remembered-table.ts";
import type { SourceTable } from "./source-table.ts";

type Image = Readonly<Record<string, unknown>>;

/** A change that a poll found, in the form of a stream record. */
export type FoundChange = {
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Image;
    readonly NewImage?: Image;
    readonly OldImage?: Image;
  };
};

export type ComparedRow = {
  /** The key of the row in the stored poll. */
  readonly key: string;
  readonly remember: RememberedRow;
  /** Null if nothing changed. */
  readonly change: FoundChange | null;
};

type Compared = Pick<SourceTable, "kind" | "keyAttributes">;

/** @param remembered returns the row of the last poll by its key */
export function compareRow(
  { kind, keyAttributes }: Compared,
  image: Image,
  remembered: (key: string) => RememberedRow | undefined,
  nowMs: number,
): ComparedRow {
  const Keys = pick(image, keyAttributes);
  const key = digestOf(Keys);
  const rowHash = digestOf(image);
  const names = rememberedAttributesOf(kind);
  const remember = names === null ? { hash: rowHash } : { hash: rowHash, image: pick(image, [...keyAttributes, ...names]) };
  const before = remembered(key);
  if (before?.hash === rowHash) return { key, remember, change: null };
  const body = { ApproximateCreationDateTime: nowMs / 1_000, Keys, NewImage: image };
  if (before === undefined) return { key, remember, change: { eventName: "INSERT", dynamodb: body } };
  const dynamodb = before.image === undefined ? body : { ...body, OldImage: before.image };
  return { key, remember, change: { eventName: "MODIFY", dynamodb } };
}

/** @returns null for a row whose removal is not reported */
export function removalOf({ keyAttributes }: Compared, { image }: RememberedRow, nowMs: number): FoundChange | null {
  if (image === undefined) return null;
  const dynamodb = { ApproximateCreationDateTime: nowMs / 1_000, Keys: pick(image, keyAttributes), OldImage: image };
  return { eventName: "REMOVE", dynamodb };
}

function pick(image: Image, names: readonly string[]): Image {
  return Object.fromEntries(names.flatMap((name) => (Object.hasOwn(image, name) ? [[name, image[name]]] : [])));
}

/** 16 bytes are enough to distinguish a million rows. */
function digestOf(image: Image): string {
  return hash("sha256", canonicalText(readImage(image) ?? null), "base64url").slice(0, 22);
}
