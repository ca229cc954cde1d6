import { PointDraft } from "./metric-record.ts";
import { readAttribute } from "./protobuf-attributes.ts";
import type { ProtobufReader } from "./protobuf-reader.ts";
import { nanosFromHalves } from "./unix-nanos.ts";

/**
 * The four shapes of a metric point. Start and time have the same tags in all of them, the rest is numbered anew in each.
 * Repeated numbers may come packed or one by one: proto3 senders pack, and readers must take both.
 */
const start = 0x11;
const time = 0x19;
const noRecordedValue = 1;
const two32 = 4_294_967_296;

type ReadField = (reader: ProtobufReader, draft: PointDraft, tag: number) => void;

function readPoint(reader: ProtobufReader, readField: ReadField): PointDraft {
  const draft = new PointDraft();
  while (reader.position < reader.limit && draft.fault === undefined) {
    const tag = reader.tag();
    if (tag === start) draft.start = readTime(reader);
    else if (tag === time) draft.time = readTime(reader);
    else readField(reader, draft, tag);
  }
  return draft;
}

export function readNumberPoint(reader: ProtobufReader): PointDraft {
  return readPoint(reader, (_, draft, tag) => {
    if (tag === 0x21) draft.value = reader.double();
    else if (tag === 0x31) draft.value = signedFixed64(reader);
    else if (tag === 0x3a) readAttribute(reader, draft);
    else if (tag === 0x40) readFlags(reader, draft);
    else reader.skip(tag);
  });
}

export function readHistogramPoint(reader: ProtobufReader): PointDraft {
  return readPoint(reader, (_, draft, tag) => {
    if (tag === 0x21) draft.count = unsignedFixed64(reader);
    else if (tag === 0x29) draft.sum = reader.double();
    else if (tag === 0x31) draft.addBucket(unsignedFixed64(reader));
    else if (tag === 0x32) readPacked(reader, draft, () => draft.addBucket(unsignedFixed64(reader)));
    else if (tag === 0x39) draft.addBound(reader.double());
    else if (tag === 0x3a) readPacked(reader, draft, () => draft.addBound(reader.double()));
    else if (tag === 0x4a) readAttribute(reader, draft);
    else if (tag === 0x50) readFlags(reader, draft);
    else reader.skip(tag);
  });
}

export function readExponentialPoint(reader: ProtobufReader): PointDraft {
  return readPoint(reader, (_, draft, tag) => {
    if (tag === 0x0a) readAttribute(reader, draft);
    else if (tag === 0x21) draft.count = unsignedFixed64(reader);
    else if (tag === 0x29) draft.sum = reader.double();
    else if (tag === 0x39) draft.addBucket(unsignedFixed64(reader));
    else if (tag === 0x42 || tag === 0x4a) readExponentialBuckets(reader, draft);
    else if (tag === 0x50) readFlags(reader, draft);
    else reader.skip(tag);
  });
}

export function readSummaryPoint(reader: ProtobufReader): PointDraft {
  return readPoint(reader, (_, draft, tag) => {
    if (tag === 0x21) draft.count = unsignedFixed64(reader);
    else if (tag === 0x29) draft.sum = reader.double();
    else if (tag === 0x3a) readAttribute(reader, draft);
    else if (tag === 0x40) readFlags(reader, draft);
    else reader.skip(tag);
  });
}

function readExponentialBuckets(reader: ProtobufReader, draft: PointDraft): void {
  const outer = reader.enter();
  while (reader.position < reader.limit && draft.fault === undefined) {
    const tag = reader.tag();
    if (tag === 0x12) readPacked(reader, draft, () => draft.addBucket(reader.varintNumber()));
    else if (tag === 0x10) draft.addBucket(reader.varintNumber());
    else reader.skip(tag);
  }
  reader.leave(outer);
}

function readPacked(reader: ProtobufReader, draft: PointDraft, readOne: () => void): void {
  const outer = reader.enter();
  while (reader.position < reader.limit && draft.fault === undefined) readOne();
  reader.leave(outer);
}

function readTime(reader: ProtobufReader) {
  reader.fixed64();
  return nanosFromHalves(reader.high, reader.low);
}

function readFlags(reader: ProtobufReader, draft: PointDraft): void {
  reader.varint();
  draft.noRecordedValue = (reader.low & noRecordedValue) !== 0;
}

function unsignedFixed64(reader: ProtobufReader): number {
  reader.fixed64();
  return reader.high * two32 + reader.low;
}

/** Beyond 2^53 the nearest double: a measurement, not an identity. */
function signedFixed64(reader: ProtobufReader): number {
  reader.fixed64();
  return (reader.high | 0) * two32 + reader.low;
}
