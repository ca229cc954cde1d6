import { connect } from "node:net";
import type { Answer } from "./hostile-case.ts";

export type RawExchange = { readonly answers: readonly Answer[]; readonly closed: boolean };

export type RawSettings = {
  readonly host: string;
  readonly port: number;
  /** Ends our side after the last byte (`fin`) or resets the connection (`reset`); if absent, it stays open. */
  readonly end?: "fin" | "reset";
  /** How long to wait for the server to close. */
  readonly waitMs?: number;
};

/** Sends bytes unchanged, and collects the answer until the server closes or the wait is over. */
export async function exchangeRaw(bytes: Buffer | string, { host, port, end, waitMs = 5_000 }: RawSettings): Promise<RawExchange> {
  const socket = connect({ host, port, allowHalfOpen: true });
  socket.setNoDelay(true);
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), waitMs);
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => resolve(true));
  socket.on("end", () => resolve(true));
  socket.on("close", () => resolve(true));
  if (end === "fin") socket.end(bytes);
  else socket.write(bytes, () => end === "reset" && socket.resetAndDestroy());
  const closed = await promise;
  clearTimeout(timer);
  socket.destroy();
  return { closed, answers: answersIn(Buffer.concat(chunks)) };
}

/** Splits by content length, to find further answers on the connection. Other bytes count as an answer with status 0. */
function answersIn(bytes: Buffer): readonly Answer[] {
  const answers: Answer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const headEnd = rest.indexOf("\r\n\r\n");
    const head = rest.toString("latin1", 0, Math.max(0, headEnd));
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 0);
    if (status === 0) return [...answers, { status: 0, headers: {}, body: rest }];
    const headers = Object.fromEntries(
      [...head.matchAll(/\r\n([^:\r]+): *([^\r]*)/g)].map(([, name, value]) => [name?.toLowerCase(), value]),
    );
    const bodyEnd = headEnd + 4 + Number(headers["content-length"] ?? 0);
    if (status >= 200) answers.push({ status, headers, body: rest.subarray(headEnd + 4, bodyEnd) });
    rest = rest.subarray(bodyEnd);
  }
  return answers;
}
