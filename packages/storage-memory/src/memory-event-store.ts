import type { EventStore } from "@trinity/storage/event-store";
import { MemoryLog } from "./memory-log.ts";
import { MemoryState } from "./memory-state.ts";

/**
 * The event store in memory: the reference for the other stores, and the shadow state of verifications that keep no files.
 * Methods do not await, so each is atomic. Nothing outlives the process.
 */
export function openMemoryStore(): EventStore {
  const log = new MemoryLog();
  const state = new MemoryState();

  return {
    append: async (batch) => log.append(batch),
    eventStatus: async (key) => log.statusOf(key),
    headSeq: async () => log.headSeq(),
    readChunks: async (afterSeq, eventsMax) => log.readChunks(afterSeq, eventsMax),
    readChunksInRanges: async (ranges, eventsMax) => log.readChunksInRanges(ranges, eventsMax),
    readWatermark: async () => state.watermark,
    readEntities: async (reads) => state.entities.read(reads),
    readParts: async (kind, entityKeys) => state.entities.parts(kind, entityKeys),
    scanEntities: async (kind, afterKey, limit) => state.entities.scan(kind, afterKey, limit),
    commitFold: async (step) => state.commitFold(step),
    readFoldTimes: async (afterSeq = 0, limit) => state.foldTimes.filter(({ toSeq }) => toSeq > afterSeq).slice(0, limit),
    readChunksOfUser: async (userId) => state.index.seqsOf(userId).map((seq) => log.chunk(seq)),
    readRollups: async (ranges, userRanges = []) => ({
      watermark: state.watermark,
      headSeq: log.headSeq(),
      cells: ranges.map((range) => state.cells.inRange(range)),
      users: userRanges.map((range) => state.cells.usersInRange(range)),
    }),
    scanState: async (after, limit) => ({ watermark: state.watermark, rows: state.scanState(after, limit) }),
    commitRepair: async (step) => state.commitRepair(step),
    setBucketStatus: async (checks, checkedAtMs) => state.setBucketStatus(checks, checkedAtMs),
    freezeBefore: async (beforeMs) => state.freezeBefore(beforeMs),
    readPendingDays: async () => state.pendingDays(),
    recordCycle: async (cycle) => state.recordCycle(cycle),
    readVerification: async () => state.readVerification(),
    close: async () => {},
  };
}
