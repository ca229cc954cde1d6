/** One kind of sender of `bench -- overload`, in a process of its own: `node overload-load.ts '<OverloadLoad as JSON>'` prints an `OverloadResult`. */
import { request } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, createHttpClient } from "@trinity/testing/http-client";
import { ingestRequests } from "./requests.ts";
import type { TrafficSettings } from "./vote-traffic.ts";

type Senders = {
  readonly url: string;
  readonly keys: readonly string[];
  readonly traffic: TrafficSettings;
  readonly batchEvents: number;
  readonly seconds: number;
};

/** Each kind sends the events of its traffic again and again, under new ids. */
export type OverloadLoad = Senders &
  (
    | { readonly kind: "closed"; readonly connections: number }
    /** Sends so many events a second, whatever is answered, while less than `openMax` requests wait for their answer. */
    | { readonly kind: "open"; readonly eventsPerSecond: number; readonly openMax: number }
    /** Each key sends one request after another, each over so many seconds. */
    | { readonly kind: "slow"; readonly bodySeconds: number }
    | { readonly kind: "health"; readonly perSecond: number }
  );

export type OverloadResult = {
  readonly acknowledged: number;
  /** Events of requests without an answer. They may be stored. */
  readonly unanswered: number;
  /** Events that the rate asked for and that were not sent, because too many requests waited. */
  readonly unsent: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** From the start to the last answer. */
  readonly seconds: number;
  readonly retryAfters: Readonly<Record<string, number>>;
  /** Of each answer, from the time that its request was due. */
  readonly latenciesMs: readonly number[];
  /** Of those that were acknowledged. */
  readonly acknowledgedMs: readonly number[];
};

const idHead = Buffer.from('"eventId":"');
const uuidCharacters = 36;
const idTailCharacters = 12;

/** Bodies whose ids end in a number that never comes back. */
function endlessBodies(traffic: TrafficSettings, batchEvents: number): () => Buffer {
  const templates = ingestRequests({ traffic, format: "json", batchEvents, sends: 1 }).map(({ body }) => ({
    body,
    tails: idTailsOf(body),
  }));
  // Twelve digits, apart for each process of the run.
  let id = traffic.seed * 2 ** 36;
  let next = 0;
  return () => {
    const { body, tails } = templates[next++ % templates.length] as (typeof templates)[number];
    const copy = Buffer.from(body);
    for (const at of tails) copy.write((id++).toString(16).padStart(idTailCharacters, "0"), at, "latin1");
    return copy;
  };
}

function idTailsOf(body: Buffer): readonly number[] {
  const tails: number[] = [];
  for (let at = body.indexOf(idHead); at !== -1; at = body.indexOf(idHead, at + 1)) {
    tails.push(at + idHead.length + uuidCharacters - idTailCharacters);
  }
  return tails;
}

async function run(load: OverloadLoad): Promise<OverloadResult> {
  const { url, keys, batchEvents, seconds } = load;
  const bodyOf = load.kind === "health" ? () => Buffer.alloc(0) : endlessBodies(load.traffic, batchEvents);
  const result = { acknowledged: 0, unanswered: 0, unsent: 0, latenciesMs: [] as number[], acknowledgedMs: [] as number[] };
  const statuses: Record<string, number> = {};
  const retryAfters: Record<string, number> = {};
  const connections = load.kind === "closed" ? load.connections : 1_000;
  const clients = keys.map((key) => createHttpClient(url, connections, key));
  const startMs = performance.now();
  const endMs = startMs + seconds * 1_000;

  async function note(dueMs: number, answering: Promise<Answer>): Promise<void> {
    const { status, text, retryAfter } = await answering.catch(() => ({ status: 0, text: "", retryAfter: null }));
    const tookMs = performance.now() - dueMs;
    result.latenciesMs.push(tookMs);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (retryAfter !== null) retryAfters[retryAfter] = (retryAfters[retryAfter] ?? 0) + 1;
    if (status === 0) result.unanswered += batchEvents;
    if (status !== 202) return;
    result.acknowledged += (JSON.parse(text) as { accepted: number }).accepted;
    result.acknowledgedMs.push(tookMs);
  }

  /** Calls at a steady rate, late rather than never. @returns once everything is answered */
  async function steadily(perSecond: number, openMax: number, send: (i: number) => Promise<Answer>): Promise<void> {
    const open = new Set<Promise<void>>();
    for (let i = 0, dueMs = startMs; dueMs < endMs; dueMs = startMs + (++i * 1_000) / perSecond) {
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      if (open.size >= openMax) {
        result.unsent += batchEvents;
        // The rate is met by a tick of the clock, so answers must be read between two of many that are late.
        if (i % 100 === 0) await sleep(0);
        continue;
      }
      const sent: Promise<void> = note(dueMs, send(i)).finally(() => open.delete(sent));
      open.add(sent);
    }
    await Promise.all(open);
  }

  async function oneAfterAnother(send: () => Promise<Answer>): Promise<void> {
    while (performance.now() < endMs) await note(performance.now(), send());
  }

  const clientOf = (i: number) => clients[i % clients.length] as (typeof clients)[number];
  const post = (i: number) => clientOf(i).post("/v1/events", bodyOf());
  if (load.kind === "closed") await Promise.all(Array.from({ length: load.connections }, (_, i) => oneAfterAnother(() => post(i))));
  else if (load.kind === "open") await steadily(load.eventsPerSecond / batchEvents, load.openMax, post);
  else if (load.kind === "health") await steadily(load.perSecond, 1_000, (i) => clientOf(i).get("/healthz"));
  else await Promise.all(keys.map((key) => oneAfterAnother(() => postSlowly(url, key, bodyOf(), load.bodySeconds))));
  for (const client of clients) client.close();
  return { ...result, statuses, retryAfters, seconds: (performance.now() - startMs) / 1_000 };
}

/** Sends a body in pieces, evenly over so many seconds; gives up the rest once it is answered. */
function postSlowly(url: string, key: string, body: Buffer, bodySeconds: number): Promise<Answer> {
  const pieces = 20;
  return new Promise((resolve, reject) => {
    const headers = { "x-api-key": key, "content-type": "application/json", "content-length": body.length };
    let isAnswered = false;
    const sent = request(`${url}/v1/events`, { method: "POST", headers, agent: false }, (response) => {
      isAnswered = true;
      response.setEncoding("utf8");
      let text = "";
      response.on("data", (chunk: string) => (text += chunk));
      response.once("end", () => {
        sent.destroy();
        resolve({ status: response.statusCode ?? 0, text, retryAfter: response.headers["retry-after"] ?? null });
      });
    });
    sent.once("error", (error) => isAnswered || reject(error));
    void (async () => {
      for (let i = 0; i < pieces && !isAnswered && !sent.destroyed; i++) {
        sent.write(body.subarray((body.length * i) / pieces, (body.length * (i + 1)) / pieces));
        await sleep((bodySeconds * 1_000) / pieces);
      }
      sent.end();
    })();
  });
}

if (import.meta.main) process.stdout.write(`${JSON.stringify(await run(JSON.parse(process.argv[2] as string) as OverloadLoad))}\n`);
