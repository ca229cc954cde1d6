import { connect } from "node:net";
import type { HostileContext } from "./hostile-context.ts";

/** Clients that never finish a request: they stay open behind all other cases, and must be cut off in the end. */
export type SlowClients = {
  /** Resolves when all are cut off. @returns what is wrong with how that went */
  readonly ended: () => Promise<readonly string[]>;
};

/** Requests may take 30 s to arrive; the check runs every 5 s. */
const cutAfterMs = 30_000 + 5_000 + 3_000;

/** Opens clients with an unfinished header, and as many with an unfinished body. */
export function openSlowClients(context: HostileContext, ofEach: number): SlowClients {
  const header = "POST /v1/events HTTP/1.1\r\nhost: hostile\r\n";
  const body = `${header}authorization: Bearer ${context.ingestKey}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
  const ends = [header, body].flatMap((bytes) => Array.from({ length: ofEach }, () => endOf(context, bytes)));
  return {
    ended: async () => {
      const answers = await Promise.all(ends);
      const open = answers.filter((answer) => answer === null).length;
      const others = answers.filter((answer) => answer !== null && answer !== "" && !answer.startsWith("HTTP/1.1 408 ")).length;
      return [
        ...(open === 0 ? [] : [`${open} unfinished requests were still open after ${cutAfterMs} ms`]),
        ...(others === 0 ? [] : [`${others} unfinished requests were answered other than 408`]),
      ];
    },
  };
}

/** @returns what a client read until it was cut off; null when it never was */
function endOf(context: HostileContext, bytes: string): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const socket = connect(context.httpPort, context.host);
  const timer = setTimeout(() => resolve(null), cutAfterMs);
  let read = "";
  socket.on("data", (chunk) => (read += chunk.toString("latin1")));
  socket.on("error", () => {}); // a reset is a way to be cut off
  socket.on("close", () => {
    clearTimeout(timer);
    resolve(read);
  });
  socket.write(bytes);
  return promise.finally(() => socket.destroy());
}
