import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { HostileContext } from "./hostile-context.ts";
import type { SlowClientsReport, SlowClientsSettings } from "./slow-clients-thread.ts";

/** Clients that never finish a request. They stay open during all other cases, and the server must close them in the end. */
export type SlowClients = {
  /** Resolves when all are closed. @returns the problems */
  readonly ended: () => Promise<readonly string[]>;
};

/** The server allows 30 s for a request and checks every 5 s; the rest is for a busy machine. */
const cutAfterMs = 30_000 + 5_000 + 5_000;

/** Opens clients with an unfinished header, and as many with an unfinished body. */
export function openSlowClients({ host, httpPort, ingestKey }: HostileContext, ofEach: number): SlowClients {
  const header = "POST /v1/events HTTP/1.1\r\nhost: hostile\r\n";
  const body = `${header}authorization: Bearer ${ingestKey}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{`;
  const openings = [header, body].flatMap((bytes) => new Array<string>(ofEach).fill(bytes));
  const settings: SlowClientsSettings = { host, port: httpPort, openings, cutAfterMs };
  const reported = once(new Worker(new URL("./slow-clients-thread.ts", import.meta.url), { workerData: settings }), "message");
  return {
    ended: async () => {
      const [answers] = (await reported) as [SlowClientsReport];
      const open = answers.filter((answer) => answer === null).length;
      const others = answers.filter((answer) => answer !== null && answer !== "" && !answer.startsWith("HTTP/1.1 408 "));
      return [
        ...(open === 0 ? [] : [`${open} unfinished requests were still open after ${cutAfterMs} ms`]),
        ...(others.length === 0 ? [] : [`${others.length} unfinished requests were answered other than 408: ${others[0]?.slice(0, 40)}`]),
      ];
    },
  };
}
