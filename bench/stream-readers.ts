/**
 * Readers of live events, in a process of their own: `node stream-readers.ts '<ReaderSettings as JSON>'`. Says `ready {}` when all streams are
 * open; prints a `ReaderResult` when all of them have everything, or the time is over.
 */
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";

export type ReaderSettings = {
  readonly url: string;
  readonly path: string;
  readonly key: string;
  readonly streams: number;
  /** So many of them do not read until all others have everything. */
  readonly silent: number;
  /** How many events each of them must get. */
  readonly events: number;
  /** Whether to say when each event came to each stream. */
  readonly isTimed?: boolean;
  readonly secondsMax: number;
};

export type ReaderResult = {
  /** From the first event until every stream that reads had all events; null if the time was over before. */
  readonly readSeconds: number | null;
  /** The same for those that were silent, from when they read again. */
  readonly caughtUpSeconds: number | null;
  /** Streams that got fewer or more events than passed, and those that the server ended. */
  readonly wrong: number;
  readonly ended: number;
  /** By index of the event: the Unix times in ms at which the streams had it. Empty unless asked for. */
  readonly arrivedAtMs: readonly (readonly number[])[];
};

const mark = Buffer.from("\nid: ");

type Reader = { readonly socket: Socket; events: number };

/** Counts events as they come, whole or in pieces. @param onEvents gets the counts before and after */
function reader(socket: Socket, onEvents: (before: number, after: number) => void): Reader {
  const made: Reader = { socket, events: 0 };
  let tail = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    const before = made.events;
    made.events += marksIn(Buffer.concat([tail, bytes.subarray(0, mark.length - 1)]), tail.length) + marksIn(bytes, bytes.length);
    tail = Buffer.concat([tail, bytes.subarray(-(mark.length - 1))]).subarray(-(mark.length - 1));
    if (made.events !== before) onEvents(before, made.events);
  });
  return made;
}

/** @returns how many marks begin before that place */
function marksIn(bytes: Buffer, before: number): number {
  let count = 0;
  for (let at = bytes.indexOf(mark); at !== -1 && at < before; at = bytes.indexOf(mark, at + 1)) count += 1;
  return count;
}

async function run({ url, path, key, streams, silent, events, isTimed = false, secondsMax }: ReaderSettings): Promise<ReaderResult> {
  const { port } = new URL(url);
  let startMs = 0;
  let ended = 0;
  const readers: Reader[] = [];
  const arrivedAtMs: number[][] = [];
  const note = (before: number, after: number) => {
    startMs ||= performance.now();
    if (!isTimed) return;
    const nowMs = Date.now();
    for (let i = before; i < after; i++) (arrivedAtMs[i] ??= []).push(nowMs);
  };
  for (let i = 0; i < streams; i++) {
    const socket = connect({ host: "127.0.0.1", port: Number(port) });
    socket.on("error", () => {});
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${key}\r\naccept: text/event-stream\r\n\r\n`);
    const head = await new Promise<Buffer>((resolve) => socket.once("data", resolve));
    if (!head.includes(" 200 ")) throw new Error(`stream ${i}: ${head.toString("latin1").slice(0, 200)}`);
    socket.once("end", () => (ended += 1));
    readers.push(reader(socket, note));
  }
  const [quiet, reading] = [readers.slice(0, silent), readers.slice(silent)];
  for (const { socket } of quiet) socket.pause();
  process.stdout.write("ready {}\n");

  const untilAllHave = (some: readonly Reader[], sinceMs: () => number) =>
    new Promise<number | null>((resolve) => {
      const timer = setTimeout(() => resolve(null), secondsMax * 1_000);
      const check = setInterval(() => {
        if (!some.every((one) => one.events >= events)) return;
        clearTimeout(timer);
        clearInterval(check);
        resolve((performance.now() - sinceMs()) / 1_000);
      }, 20);
    });

  const readSeconds = await untilAllHave(reading, () => startMs);
  process.stdout.write("read {}\n");
  const resumedMs = performance.now();
  for (const { socket } of quiet) socket.resume();
  const caughtUpSeconds = readSeconds === null ? null : await untilAllHave(quiet, () => resumedMs);
  for (const { socket } of readers) socket.destroy();
  return { readSeconds, caughtUpSeconds, wrong: readers.filter((one) => one.events !== events).length, ended, arrivedAtMs };
}

if (import.meta.main) {
  const result = await run(JSON.parse(process.argv[2] as string) as ReaderSettings);
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
}
