/** Protobuf fields, valid or not, to be joined with `Buffer.concat`. */

export function varint(value: bigint | number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

export function varintField(fieldNumber: number, value: bigint | number): Buffer {
  return Buffer.concat([varint(fieldNumber * 8), varint(value)]);
}

export function fixed64Field(fieldNumber: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return Buffer.concat([varint(fieldNumber * 8 + 1), bytes]);
}

export function doubleField(fieldNumber: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varint(fieldNumber * 8 + 1), bytes]);
}

/** A message, a text or bytes; `length` may be wrong. */
export function bytesField(fieldNumber: number, value: Buffer | string, length?: bigint | number): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(fieldNumber * 8 + 2), varint(length ?? bytes.length), bytes]);
}
