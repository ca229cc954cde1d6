/** The few protobuf fields that an answer needs, each complete. Absent and default values are omitted, as in proto3. */
export function varintField(fieldNumber: number, value: number): Buffer {
  return value === 0 ? Buffer.alloc(0) : Buffer.concat([varint(fieldNumber * 8), varint(value)]);
}

export function textField(fieldNumber: number, text: string): Buffer {
  return text === "" ? Buffer.alloc(0) : messageField(fieldNumber, Buffer.from(text, "utf8"));
}

export function messageField(fieldNumber: number, message: Buffer): Buffer {
  return Buffer.concat([varint(fieldNumber * 8 + 2), varint(message.length), message]);
}

/** @param value an integer from 0 to 2^53 - 1 */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
