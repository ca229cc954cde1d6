import { randomBytes } from "node:crypto";
import type { EventStore } from "@trinity/storage/event-store";
import { Dynamo, type DynamoSettings } from "./client/dynamo.ts";
import { type Layout, standardLayout } from "./layout.ts";
import { readManifest, requireWholeLog } from "./log/complete-log.ts";
import { LogIndex } from "./log/log-index.ts";
import { LogReader } from "./log/reader.ts";
import { LogTail } from "./log/tail.ts";
import { LogWriter } from "./log/writer.ts";
import { State } from "./state/state.ts";

export type DynamoStoreSettings = DynamoSettings & { readonly layout?: Layout };

/**
 * The event store on DynamoDB. Any number of stores, in any number of processes on any number of machines, may append, fold, read and verify at
 * once: what one does is on the condition that no other has done something else first.
 */
export function openDynamoStore({ layout = standardLayout, ...settings }: DynamoStoreSettings): EventStore {
  const dynamo = new Dynamo(settings);
  const process = randomBytes(6).toString("base64url");
  const index = new LogIndex(dynamo);
  const log = new LogReader(dynamo, index);
  const writer = new LogWriter(dynamo, log, index, new LogTail(log, index, layout.blockChunks), process);
  const state = new State(dynamo, layout, process);

  const requireWhole = async () => requireWholeLog(dynamo, await readManifest(dynamo));
  let isWhole = false;

  return {
    append: async (batch) => {
      // Once: from then on the writer itself notices a log that is not the one it wrote to.
      if (!isWhole) await requireWhole();
      isWhole = true;
      return writer.append(batch);
    },
    eventStatus: (key) => writer.statusOf(key),

    headSeq: async () => {
      await requireWhole();
      return log.headSeq();
    },
    readChunks: (afterSeq, eventsMax) => log.readChunks(afterSeq, eventsMax),
    readChunksInRange: (range, eventsMax) => log.readChunksInRange(range, eventsMax),

    readWatermark: () =>
      state.atOneMoment(async (at) => {
        await requireWholeLog(dynamo, at);
        return at.watermark;
      }),
    readEntities: (reads) => state.atOneMoment((at) => state.entities.read(reads, at)),
    scanEntities: (kind, afterKey, limit) =>
      state.atOneMoment(async (at) => {
        const page = await Array.fromAsync(firstOf(state.entities.entitiesAfter(kind, afterKey, at), limit));
        return page.map(({ key, value }) => ({ key, value }));
      }),
    commitFold: async (step) => state.commitFold(step, await log.writerOf(step.to.seq)),
    readFoldTimes: (afterSeq = 0, limit = Number.POSITIVE_INFINITY) =>
      state.atOneMoment((at) => state.verification.foldTimes(afterSeq, limit, at)),
    readChunksOf: async (kind, key) => log.readChunksAt(await state.atOneMoment((at) => state.entities.seqsOf({ kind, key }, at))),

    readRollups: async (ranges, userRanges = []) => {
      // Looked for first: what is acknowledged while the cells are read need not be in them. But never behind the mark, which may move on.
      const headSeq = await log.headSeq();
      return state.atOneMoment(async (at) => {
        const [cells, users] = await Promise.all([
          Promise.all(ranges.map((range) => state.cells.inRange(range, at))),
          Promise.all(userRanges.map((range) => state.cells.usersInRange(range, at))),
          requireWholeLog(dynamo, at),
        ]);
        return { watermark: at.watermark, headSeq: Math.max(headSeq, at.watermark.seq), cells, users };
      });
    },

    scanState: (after, limit) => state.scanState(after, limit),
    commitRepair: (step) => state.commitRepair(step),
    setBucketStatus: (checks, checkedAtMs) => state.setBucketStatus(checks, checkedAtMs),
    freezeBefore: (beforeMs) => state.freezeBefore(beforeMs),
    recordCycle: (cycle) => state.recordCycle(cycle),
    readVerification: () => state.atOneMoment((at) => state.verification.summary(at)),

    close: async () => {
      await Promise.all([writer.settled(), state.settled()]);
      dynamo.close();
    },
  };
}

async function* firstOf<Value>(values: AsyncIterable<Value>, limit: number): AsyncGenerator<Value> {
  if (limit <= 0) return;
  let left = limit;
  for await (const value of values) {
    yield value;
    left -= 1;
    if (left === 0) return;
  }
}
