import { openSqliteStore } from "@trinity/storage-sqlite/sqlite-event-store";
import { verifyStore } from "@trinity/verification/verify-store";
import { canary, type HostileContext } from "./hostile-context.ts";
import { send } from "./http-request.ts";
import type { IngestCounters } from "./ingest-counters.ts";
import type { Ledger } from "./ledger.ts";

/** The final checks after all cases. Each returns its problems. */

const atOnce = 16;
const shownMax = 5;

/** Every id in an answer has the status that the answer named. */
export async function problemsOfStatuses(context: HostileContext, { storedIds, rejectedIds, unknownIds }: Ledger): Promise<string[]> {
  const wanted = new Map<string, readonly string[]>();
  for (const id of unknownIds) wanted.set(id, ["unknown"]);
  for (const id of rejectedIds) wanted.set(id, ["rejected"]);
  // An event that was rejected before or after it was accepted is stored.
  for (const id of storedIds) wanted.set(id, ["stored"]);
  const problems: string[] = [];
  const queue = [...wanted];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
        const [id, states] = next;
        const state = await stateOf(context, id);
        if (!states.includes(state)) problems.push(`${JSON.stringify(id)} is ${state}, not ${states.join(" or ")}`);
      }
    }),
  );
  return shown(problems);
}

async function stateOf(context: HostileContext, id: string): Promise<string> {
  const escaped = encodeURIComponent(id).replaceAll(".", "%2E");
  const answer = await send(context, { method: "GET", path: `/v1/events/${escaped}/status` });
  if (answer?.status !== 200) return `answered ${String(answer?.status)}`;
  return (JSON.parse(answer.body.toString()) as { state: string }).state;
}

/** The log has as many events as were accepted, its ingest counts equal the answers, and the state equals the state derived from the log. */
export async function problemsOfLog(dataDir: string, counters: IngestCounters): Promise<string[]> {
  const store = openSqliteStore({ dataDir, mode: "readonly" });
  try {
    const problems: string[] = [];
    const logged = { events: 0, accepted: 0, duplicate: 0, rejected: 0 };
    for (let afterSeq = 0; ; ) {
      const chunks = await store.readChunks(afterSeq, 10_000);
      for (const { events, receipts } of chunks) {
        logged.events += events.length;
        for (const { outcome, count } of receipts) logged[outcome] += count;
      }
      const last = chunks.at(-1);
      if (last === undefined) break;
      afterSeq = last.seq;
    }
    if (logged.events !== counters.accepted) problems.push(`${counters.accepted} events were accepted, the log has ${logged.events}`);
    for (const outcome of ["accepted", "duplicate", "rejected"] as const) {
      if (logged[outcome] !== counters[outcome])
        problems.push(`${outcome}: the counters have ${counters[outcome]}, the log ${logged[outcome]}`);
    }
    if ((await store.readWatermark()).seq !== (await store.headSeq()))
      problems.push("the fold had not caught up with the log when the process stopped");
    const { differing, differences } = await verifyStore(store);
    if (differing > 0) problems.push(`${differing} cells and entities differ from the log: ${JSON.stringify(differences.slice(0, 2))}`);
    return problems;
  } finally {
    await store.close();
  }
}

/** The output of the process: each line is JSON, without a value of a request, a key or an unexpected error. */
export function problemsOfOutput(lines: readonly string[], secrets: readonly string[]): string[] {
  return shown(
    lines.flatMap((line) => {
      if (line.startsWith("ready ")) return [];
      if ([canary, ...secrets].some((secret) => line.includes(secret))) return ["a line repeats a value of a request or a key"];
      const entry = jsonOf(line);
      if (entry === null) return [`a line is not a log entry: ${line.slice(0, 200)}`];
      return entry.level >= 50 ? [`an error was logged: ${line.slice(0, 300)}`] : [];
    }),
  );
}

function jsonOf(line: string): { readonly level: number } | null {
  try {
    return JSON.parse(line) as { level: number };
  } catch {
    return null;
  }
}

function shown(problems: readonly string[]): string[] {
  const more = problems.length - shownMax;
  return more > 0 ? [...problems.slice(0, shownMax), `and ${more} more`] : [...problems];
}
