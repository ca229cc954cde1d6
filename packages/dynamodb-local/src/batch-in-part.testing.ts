import type { Answer } from "./answer.testing.ts";

/** By table: the writes of a BatchWriteItem, or what a BatchGetItem asks of the table, `Keys` and how to read them. */
type RequestItems = Readonly<Record<string, readonly unknown[] | Keyed>>;
type Keyed = { readonly Keys: readonly unknown[] };

/** A batch of which one half is done. */
export type BatchInPart = { readonly sentBody: Buffer; readonly left: RequestItems };

/** @param body of a BatchWriteItem or a BatchGetItem @returns null for a batch of one, which cannot be done in part */
export function batchInPart(body: Buffer): BatchInPart | null {
  const request = JSON.parse(body.toString()) as { readonly RequestItems: RequestItems };
  const tables = Object.entries(request.RequestItems);
  let room = Math.floor(tables.reduce((sum, [, entry]) => sum + listOf(entry).length, 0) / 2);
  if (room === 0) return null;
  const sent: Record<string, RequestItems[string]> = {};
  const left: Record<string, RequestItems[string]> = {};
  for (const [table, entry] of tables) {
    const list = listOf(entry);
    const fitting = list.slice(0, room);
    room -= fitting.length;
    if (fitting.length > 0) sent[table] = withList(entry, fitting);
    if (fitting.length < list.length) left[table] = withList(entry, list.slice(fitting.length));
  }
  return { sentBody: Buffer.from(JSON.stringify({ ...request, RequestItems: sent })), left };
}

/** @returns the answer to what was sent, as the answer to the whole batch */
export function withLeft(answer: Answer, field: "UnprocessedItems" | "UnprocessedKeys", left: RequestItems): Answer {
  if (answer.status !== 200) return answer;
  const fields = JSON.parse(answer.body.toString()) as Readonly<Record<string, RequestItems | undefined>>;
  const merged: Record<string, RequestItems[string]> = { ...fields[field] };
  for (const [table, entry] of Object.entries(left)) merged[table] = withList(entry, [...listOf(merged[table] ?? []), ...listOf(entry)]);
  // The checksum is that of the body that came.
  const { "x-amz-crc32": _, ...headers } = answer.headers;
  return { ...answer, headers, body: Buffer.from(JSON.stringify({ ...fields, [field]: merged })) };
}

function listOf(entry: readonly unknown[] | Keyed): readonly unknown[] {
  return "Keys" in entry ? entry.Keys : entry;
}

function withList(entry: readonly unknown[] | Keyed, list: readonly unknown[]): readonly unknown[] | Keyed {
  return "Keys" in entry ? { ...entry, Keys: list } : list;
}
