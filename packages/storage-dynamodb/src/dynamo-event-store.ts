import { randomBytes } from "node:crypto";
import type { EventStore } from "@trinity/storage/event-store";
import { Dynamo, type DynamoSettings } from "./client/dynamo.ts";
import { type Layout, standardLayout } from "./layout.ts";
import { LogIndex } from "./log/log-index.ts";
import { LogReader } from "./log/reader.ts";
import { LogTail } from "./log/tail.ts";
import { LogWriter } from "./log/writer.ts";
import { requireCompleteLog } from "./restored-tables.ts";
import { readManifest } from "./state/manifest.ts";
import { State } from "./state/state.ts";

export type DynamoStoreSettings = DynamoSettings & { readonly layout?: Layout };

/**
 * Opens the event store on DynamoDB. Any number of processes on any number of machines may append, fold, read and verify at once. Every change is a
 * conditional put, so a change based on an older state fails and is repeated.
 */
export function openDynamoStore({ layout = standardLayout, ...settings }: DynamoStoreSettings): EventStore {
  const dynamo = new Dynamo(settings);
  const process = randomBytes(6).toString("base64url");
  const index = new LogIndex(dynamo);
  const log = new LogReader(dynamo, index);
  const writer = new LogWriter(dynamo, log, index, new LogTail(log, index, layout.blockChunks), process);
  const state = new State(dynamo, layout, process);

  const requireComplete = async () => requireCompleteLog(dynamo, await readManifest(dynamo));
  let isComplete = false;

  return {
    append: async (batch) => {
      // Once. Later appends check the chunk at the head themselves.
      if (!isComplete) await requireComplete();
      isComplete = true;
      return writer.append(batch);
    },
    eventStatus: (key) => writer.statusOf(key),

    headSeq: async () => {
      await requireComplete();
      return log.headSeq();
    },
    readChunks: (afterSeq, eventsMax) => log.readChunks(afterSeq, eventsMax),
    readChunksInRanges: (ranges, eventsMax) => log.readChunksInRanges(ranges, eventsMax),

    readWatermark: () =>
      state.readSnapshot(async (at) => {
        await requireCompleteLog(dynamo, at);
        return at.watermark;
      }),
    readEntities: (reads) => state.readSnapshot((at) => state.entities.read(reads, at)),
    readParts: (kind, entityKeys) => state.readSnapshot((at) => state.entities.parts(kind, entityKeys, at)),
    scanEntities: (kind, afterKey, limit) =>
      state.readSnapshot(async (at) => {
        const page = await Array.fromAsync(firstOf(state.entities.entitiesAfter(kind, afterKey, at), limit));
        return page.map(({ key, value }) => ({ key, value }));
      }),
    commitFold: async (step) => state.commitFold(step, await log.writerOf(step.to.seq)),
    readFoldTimes: (afterSeq = 0, limit = Number.POSITIVE_INFINITY) =>
      state.readSnapshot((at) => state.verification.foldTimes(afterSeq, limit, at)),
    readChunksOfUser: async (userId) => log.readChunksAt(await state.readSnapshot((at) => state.entities.seqsOf(userId, at))),

    readRollups: async (ranges, userRanges = []) => {
      // Read before the cells, which need not include chunks appended meanwhile. But the watermark may pass it.
      const headSeq = await log.headSeq();
      return state.readSnapshot(async (at) => {
        const [cells, users] = await Promise.all([
          Promise.all(ranges.map((range) => state.cells.inRange(range, at))),
          Promise.all(userRanges.map((range) => state.cells.usersInRange(range, at))),
          requireCompleteLog(dynamo, at),
        ]);
        return { watermark: at.watermark, headSeq: Math.max(headSeq, at.watermark.seq), cells, users };
      });
    },

    scanState: (after, limit) => state.scanState(after, limit),
    commitRepair: (step) => state.commitRepair(step),
    setBucketStatus: (checks, checkedAtMs) => state.setBucketStatus(checks, checkedAtMs),
    freezeBefore: (beforeMs) => state.freezeBefore(beforeMs),
    readPendingDays: () => state.readSnapshot((at) => state.verification.pendingDays(at)),
    recordCycle: (cycle) => state.recordCycle(cycle),
    readVerification: () => state.readSnapshot((at) => state.verification.summary(at)),

    close: async () => {
      await Promise.all([writer.settled(), state.settled()]);
      dynamo.close();
    },
  };
}

async function* firstOf<Value>(values: AsyncIterable<Value>, limit: number): AsyncGenerator<Value> {
  if (limit <= 0) return;
  let remaining = limit;
  for await (const value of values) {
    yield value;
    remaining -= 1;
    if (remaining === 0) return;
  }
}
