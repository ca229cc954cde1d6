import type { HttpClient } from "@trinity/testing/http-client";

const atOnce = 8;

/** Asks the server about every id. @returns the ids without the status `stored` */
export async function notStored(client: HttpClient, ids: Iterable<string>): Promise<readonly string[]> {
  const missing: string[] = [];
  const queue = ids[Symbol.iterator]();
  const worker = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const { text } = await client.get(`/v1/events/${encodeURIComponent(next.value)}/status`);
      if ((JSON.parse(text) as { state?: string }).state !== "stored") missing.push(next.value);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return missing;
}
