import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as after } from "node:timers/promises";
import { seededRandom } from "@trinity/testing/seeded-random";
import { type Answer, cancelledAnswer, conflictAnswer, serverErrorAnswer, throttledAnswer } from "./answer.testing.ts";
import { batchInPart, withLeft } from "./batch-in-part.testing.ts";
import { type DataOperation, dataOperationOf } from "./data-operation.testing.ts";
import { checkedRates, type Fault, type FaultRates, faultByChance, isPossible, standardRates } from "./fault-choice.testing.ts";
import { bodyOf, type ForwardedRequest, Forwarder } from "./forwarder.testing.ts";

export type FaultProxySettings = {
  /** Where DynamoDB is, such as `http://127.0.0.1:8000`. */
  readonly target: string;
  /** Requests that come in the same order meet the same faults. */
  readonly seed: number;
  readonly rates?: FaultRates;
  /** After how much real time a write is delivered again: it stands for a quarter of an hour, in which DynamoDB has forgotten its token. */
  readonly redeliverAfterMs?: number;
  /** How long a client waits in vain before the connection breaks. */
  readonly silenceMs?: number;
};

/** What became of the requests for data: `inPart` are batches that were throttled in part; deliveries are counted when they are made. */
type FaultCounts = Readonly<Record<Fault | "passed" | "inPart", number>>;

export type FaultProxy = {
  readonly endpoint: string;
  readonly counts: FaultCounts;
  setRates(rates: FaultRates): void;
  /**
   * Lets a fault befall the n-th request for data from now on, once; the first is 1. A request for which it is not possible passes.
   * `disarm` takes it back. @returns whether the n-th request came
   */
  failNth(n: number, fault: Fault): { disarm(): boolean };
  /** Resolves when nothing is left to be delivered again. */
  settled(): Promise<void>;
  /** Breaks all connections; what was left to be delivered again never is. */
  stop(): Promise<void>;
};

type DataRequest = ForwardedRequest & { readonly operation: DataOperation };

/**
 * Stands between a client and DynamoDB, on this machine, and does to requests for data what a bad day does. Requests about tables pass.
 * @throws {RangeError} when the rates are no shares of one whole
 */
export async function startFaultProxy({
  target,
  seed,
  rates = standardRates,
  redeliverAfterMs = 5_000,
  silenceMs = 50,
}: FaultProxySettings): Promise<FaultProxy> {
  let ratesNow = checkedRates(rates);
  const random = seededRandom(seed);
  const forwarder = new Forwarder(target);
  const counts = { passed: 0, inPart: 0, throttled: 0, conflict: 0, timeoutAfterEffect: 0, redelivered: 0, serverError: 0 };
  const armed = new Set<{ left: number; readonly fault: Fault }>();
  const redeliveries = new Set<Promise<void>>();
  const stopping = new AbortController();
  let batchesThrottled = 0;

  function nextFault(operation: DataOperation): Fault | null {
    // Drawn for every request, so that what is armed leaves the others their faults.
    const byChance = faultByChance(operation, ratesNow, random());
    for (const one of armed) one.left -= 1;
    const due = [...armed].find(({ left }) => left === 0);
    if (due === undefined) return byChance;
    return isPossible(due.fault, operation) ? due.fault : null;
  }

  async function answerTo(request: DataRequest): Promise<Answer | "silence"> {
    const fault = nextFault(request.operation);
    switch (fault) {
      case null:
        counts.passed += 1;
        return forwarder.forward(request);
      case "throttled":
        return throttled(request);
      case "conflict":
        counts.conflict += 1;
        return request.operation === "TransactWriteItems" ? cancelledAnswer(request.body, random()) : conflictAnswer();
      case "serverError":
        counts.serverError += 1;
        return serverErrorAnswer();
      case "timeoutAfterEffect":
        counts.timeoutAfterEffect += 1;
        await forwarder.forward(request);
        await after(silenceMs, undefined, { signal: stopping.signal });
        return "silence";
      case "redelivered": {
        const answer = await forwarder.forward(request);
        deliverAgain(request);
        return answer;
      }
    }
  }

  async function throttled(request: DataRequest): Promise<Answer> {
    const field = unprocessedFields[request.operation];
    const part = field !== undefined && batchesThrottled++ % 2 === 1 ? batchInPart(request.body) : null;
    if (field === undefined || part === null) return throttledAnswer(counts.throttled++);
    counts.inPart += 1;
    // Its answer is read here, so it must come as it is.
    const headers = { ...request.headers, "accept-encoding": "identity" };
    return withLeft(await forwarder.forward({ ...request, headers, body: part.sentBody }), field, part.left);
  }

  function deliverAgain(request: DataRequest): void {
    const redelivery = after(redeliverAfterMs, undefined, { signal: stopping.signal })
      .then(async () => {
        await forwarder.forward({ ...request, body: withoutToken(request.body) });
        counts.redelivered += 1;
      })
      // Nobody waits for its answer: what is refused, or comes when DynamoDB is gone, changes nothing.
      .catch(() => {})
      .finally(() => redeliveries.delete(redelivery));
    redeliveries.add(redelivery);
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = { path: incoming.url ?? "/", headers: incoming.headers, body: await bodyOf(incoming) };
    const operation = dataOperationOf(String(incoming.headers["x-amz-target"] ?? ""));
    const answer = operation === null ? await forwarder.forward(request) : await answerTo({ ...request, operation });
    if (answer === "silence") incoming.socket.destroy();
    else outgoing.writeHead(answer.status, { ...answer.headers, "content-length": answer.body.length }).end(answer.body);
  }

  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  // Never leaves an idle connection: that would be a fault which nobody asked for.
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a server on a port has an address");

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    counts,
    setRates: (next) => {
      ratesNow = checkedRates(next);
    },
    failNth: (n, fault) => {
      const one = { left: n, fault };
      armed.add(one);
      return {
        disarm: () => {
          armed.delete(one);
          return one.left <= 0;
        },
      };
    },
    settled: async () => {
      while (redeliveries.size > 0) await Promise.all(redeliveries);
    },
    stop: async () => {
      stopping.abort();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
      await Promise.all(redeliveries);
      forwarder.close();
    },
  };
}

/** Where a batch that was done in part says what is left of it. */
const unprocessedFields: { readonly [operation in DataOperation]?: "UnprocessedItems" | "UnprocessedKeys" } = {
  BatchWriteItem: "UnprocessedItems",
  BatchGetItem: "UnprocessedKeys",
};

/** DynamoDB knows a transaction again by its token for ten minutes. */
function withoutToken(body: Buffer): Buffer {
  const { ClientRequestToken: token, ...request } = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
  return token === undefined ? body : Buffer.from(JSON.stringify(request));
}
