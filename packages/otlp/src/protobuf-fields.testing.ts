import { messageField } from "./protobuf-writer.ts";

/** Requests for tests that no encoder would write, built by hand. Tags are those of the OTLP .proto files. */
export function fixed64Field(fieldNumber: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = fieldNumber * 8 + 1;
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 1);
  return bytes;
}

export function doubleField(fieldNumber: number, value: number): Buffer {
  const bytes = Buffer.alloc(9);
  bytes[0] = fieldNumber * 8 + 1;
  bytes.writeDoubleLE(value, 1);
  return bytes;
}

export function bytesField(fieldNumber: number, hex: string): Buffer {
  return messageField(fieldNumber, Buffer.from(hex, "hex"));
}

/** A request of one resource and one scope: the three signals have the same nesting. */
export function requestOf(...records: Buffer[]): Buffer {
  const scopeGroup = Buffer.concat(records.map((record) => messageField(2, record)));
  return messageField(1, messageField(2, scopeGroup));
}

/** `depth` nested lists, as one `AnyValue`; depth 1 is the value alone. */
export function nestedValue(depth: number): Buffer {
  let value: Buffer = messageField(1, Buffer.from("deep"));
  for (let level = 1; level < depth; level++) value = messageField(5, messageField(1, value));
  return value;
}

/** The attribute `key` with this `AnyValue`, as the field `fieldNumber`. */
export function attributeField(fieldNumber: number, key: string, value: Buffer): Buffer {
  return messageField(fieldNumber, Buffer.concat([messageField(1, Buffer.from(key)), messageField(2, value)]));
}
