import { type AttributeTree, int64FromHalves, type RecordDraft } from "./attribute-tree.ts";
import { NameCache } from "./name-cache.ts";
import { eachMessage, type ProtobufReader } from "./protobuf-reader.ts";
import type { WantedNames } from "./wanted-names.ts";

/** Tags of `opentelemetry.proto.common.v1`. */
const keyValue = { key: 0x0a, value: 0x12 } as const;
const anyValue = { string: 0x0a, bool: 0x10, int: 0x18, double: 0x21, array: 0x2a, kvlist: 0x32, bytes: 0x3a } as const;
const listValues = 0x0a;

const names = new NameCache();

/** Reads one `KeyValue` field into the draft. */
export function readAttribute(reader: ProtobufReader, draft: RecordDraft): void {
  const outer = reader.enter();
  if (draft.takeAttribute()) {
    let key = "";
    let tree: AttributeTree = null;
    while (reader.position < reader.limit) {
      const tag = reader.tag();
      if (tag === keyValue.key) key = reader.repeatingString(names);
      else if (tag === keyValue.value) tree = readAnyValue(reader, draft, 1);
      else reader.skip(tag);
    }
    draft.setAttribute(key, tree);
  }
  reader.leave(outer);
}

/** The same if only some names are wanted; the values of the others are checked just as deep, and dropped. */
export function readWantedAttribute(reader: ProtobufReader, draft: RecordDraft, wanted: WantedNames): void {
  const outer = reader.enter();
  if (draft.takeAttribute()) {
    let key: string | undefined;
    let keyed = false;
    let tree: AttributeTree = null;
    while (reader.position < reader.limit) {
      const tag = reader.tag();
      if (tag === keyValue.key) {
        key = reader.wantedString(wanted);
        keyed = true;
      } else if (tag !== keyValue.value) reader.skip(tag);
      // A value may come before its key: then it is read in case it is wanted.
      else if (keyed && key === undefined) checkAnyValue(reader, draft, 1);
      else tree = readAnyValue(reader, draft, 1);
    }
    if (key !== undefined) draft.setAttribute(key, tree);
  }
  reader.leave(outer);
}

/** Reads one `AnyValue` field; of several values in one field the last counts, as always in protobuf. */
export function readAnyValue(reader: ProtobufReader, draft: RecordDraft, depth: number): AttributeTree {
  const outer = reader.enter();
  let tree: AttributeTree = null;
  if (draft.takeValue(depth)) {
    while (reader.position < reader.limit) {
      const tag = reader.tag();
      tree = readOneValue(reader, draft, depth, tag) ?? tree;
    }
  }
  reader.leave(outer);
  return tree;
}

function readOneValue(reader: ProtobufReader, draft: RecordDraft, depth: number, tag: number): AttributeTree {
  switch (tag) {
    case anyValue.string:
      return draft.textsRepeat ? reader.repeatingString(names) : reader.string();
    case anyValue.bool:
      return reader.varintNumber() !== 0;
    case anyValue.int:
      reader.varint();
      return int64FromHalves(reader.high, reader.low);
    case anyValue.double:
      return reader.double();
    case anyValue.array:
      return readArray(reader, draft, depth);
    case anyValue.kvlist:
      return readKeyValueList(reader, draft, depth);
    case anyValue.bytes:
      return reader.base64();
    default:
      reader.skip(tag);
      return null;
  }
}

function readArray(reader: ProtobufReader, draft: RecordDraft, depth: number): readonly AttributeTree[] {
  const items: AttributeTree[] = [];
  const outer = reader.enter();
  while (reader.position < reader.limit) {
    const tag = reader.tag();
    if (draft.fault !== undefined) break;
    if (tag === listValues) items.push(readAnyValue(reader, draft, depth + 1));
    else reader.skip(tag);
  }
  reader.leave(outer);
  return items;
}

function readKeyValueList(reader: ProtobufReader, draft: RecordDraft, depth: number): AttributeTree {
  const entries: Record<string, AttributeTree> = Object.create(null) as Record<string, AttributeTree>;
  const outer = reader.enter();
  eachMessage(reader, listValues, () => {
    let key = "";
    while (reader.position < reader.limit && draft.fault === undefined) {
      const tag = reader.tag();
      if (tag === keyValue.key) key = reader.repeatingString(names);
      else if (tag === keyValue.value) entries[key] = readAnyValue(reader, draft, depth + 1);
      else reader.skip(tag);
    }
  });
  reader.leave(outer);
  return entries;
}

/** The bounds of `readAnyValue` without its values. */
function checkAnyValue(reader: ProtobufReader, draft: RecordDraft, depth: number): void {
  const outer = reader.enter();
  if (draft.takeValue(depth)) {
    while (reader.position < reader.limit) {
      const tag = reader.tag();
      if (tag === anyValue.array) checkEach(reader, listValues, () => checkAnyValue(reader, draft, depth + 1), draft);
      else if (tag === anyValue.kvlist) {
        const checkValue = () => checkEach(reader, keyValue.value, () => checkAnyValue(reader, draft, depth + 1), draft);
        checkEach(reader, listValues, checkValue, draft);
      } else reader.skip(tag);
    }
  }
  reader.leave(outer);
}

/** Enters a message and calls `check`, which enters in turn, at every field with the tag, until the record has a fault. */
function checkEach(reader: ProtobufReader, wantedTag: number, check: () => void, draft: RecordDraft): void {
  const outer = reader.enter();
  while (reader.position < reader.limit && draft.fault === undefined) {
    const tag = reader.tag();
    if (tag === wantedTag) check();
    else reader.skip(tag);
  }
  reader.leave(outer);
}
