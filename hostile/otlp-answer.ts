/** An OTLP error: `google.rpc.Status`. @returns null if the bytes are not one */
export function statusOf(bytes: Buffer): { readonly code: number; readonly message: string } | null {
  const fields = fieldsOf(bytes);
  const code = fields?.get(1);
  return typeof code === "number" && code > 0 ? { code, message: String(fields?.get(2) ?? "") } : null;
}

/** `Export…ServiceResponse`: the number of rejected records, and the message to the sender. */
export function partialSuccessOf(response: Buffer): { readonly rejected: number; readonly message: string } {
  const partialSuccess = fieldsOf(response)?.get(1);
  const fields = Buffer.isBuffer(partialSuccess) ? fieldsOf(partialSuccess) : null;
  return { rejected: Number(fields?.get(1) ?? 0), message: String(fields?.get(2) ?? "") };
}

/** Numbers and bytes by field number, in protobuf; null if the bytes are not one of the two messages. */
function fieldsOf(bytes: Buffer): ReadonlyMap<number, number | Buffer> | null {
  const fields = new Map<number, number | Buffer>();
  let at = 0;
  const varint = (): number => {
    for (let value = 0, scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] as number;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const value = varint();
    if (tag % 8 === 0) fields.set(tag / 8, value);
    else if (tag % 8 === 2 && at + value <= bytes.length) fields.set((tag - 2) / 8, bytes.subarray(at, (at += value)));
    else return null;
  }
  return fields;
}
