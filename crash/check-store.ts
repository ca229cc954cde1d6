import type { EventStore } from "@trinity/storage/event-store";
import { totalOf } from "@trinity/testing/folded-store";
import { verifyStore } from "@trinity/verification/verify-store";
import { type Check, check } from "./check.ts";
import type { Ledger } from "./ledger.ts";

/** The contents of the log: how often each id occurs, and the number of accepted events in its ingest counts. */
type LogContents = { readonly timesById: ReadonlyMap<string, number>; readonly accepted: number };

/** Compares the store of a stopped server with the ledger. Every batch of the ledger must be acknowledged. */
export async function checkStore(store: EventStore, ledger: Ledger): Promise<readonly Check[]> {
  const { timesById, accepted } = await readLog(store);
  const ids = ledger.acknowledgedIds;
  const { seq } = await store.readWatermark();
  return [
    check("sent events that were acknowledged", ledger.sentIds.size, ids.size),
    check("events in the log", ids.size, timesById.size),
    check("acknowledged events that are not in the log", 0, [...ids].filter((id) => !timesById.has(id)).length),
    check("events in the log that were never acknowledged", 0, [...timesById.keys()].filter((id) => !ids.has(id)).length),
    check("events that are in the log twice", 0, [...timesById.values()].filter((times) => times > 1).length),
    check("accepted by the ingest counts", ids.size, accepted),
    check("number of the last commit", await store.headSeq(), seq),
    ...(await checkDerived(store)),
    ...(await checkTotals(store, ledger)),
  ];
}

async function readLog(store: EventStore): Promise<LogContents> {
  const timesById = new Map<string, number>();
  let accepted = 0;
  for (let afterSeq = 0, read = true; read; ) {
    const chunks = await store.readChunks(afterSeq, 10_000);
    for (const { seq, events, receipts } of chunks) {
      afterSeq = seq;
      for (const { eventId } of events) timesById.set(eventId, (timesById.get(eventId) ?? 0) + 1);
      for (const { outcome, count } of receipts) if (outcome === "accepted") accepted += count;
    }
    read = chunks.length > 0;
  }
  return { timesById, accepted };
}

async function checkDerived(store: EventStore): Promise<readonly Check[]> {
  const { differing } = await verifyStore(store);
  return [check("cells and entities that differ from the log", 0, differing)];
}

async function checkTotals(store: EventStore, ledger: Ledger): Promise<readonly Check[]> {
  const expected = Object.entries(ledger.totals());
  return Promise.all(
    expected.map(async ([metric, total]) => check(`metric ${metric}`, total, (await totalOf(store, metric)) ?? "nothing")),
  );
}
