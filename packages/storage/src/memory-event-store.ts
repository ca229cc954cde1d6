import { type FoldMark, type FoldStep, unfoldedMark } from "@trinity/aggregation/fold";
import type { EventStore } from "./event-store.ts";
import { MemoryCells } from "./memory-cells.ts";
import { MemoryEntities } from "./memory-entities.ts";
import { MemoryLog } from "./memory-log.ts";

/**
 * The event store in memory: what the others are compared with, and what verification recomputes everything in.
 * Nothing waits inside a method, so each is atomic; nothing outlives the process, so "durable" is empty here.
 */
export function openMemoryStore(): EventStore {
  const log = new MemoryLog();
  const entities = new MemoryEntities();
  const cells = new MemoryCells();
  const seqsByEntity = new Map<string, Set<number>>();
  const foldTimes: { readonly toSeq: number; readonly foldedAtMs: number }[] = [];
  let mark: FoldMark = unfoldedMark;

  function commit(step: FoldStep): "committed" | "superseded" {
    if (!isSameMark(mark, step.from)) return "superseded";
    entities.write(step.entities);
    cells.add(step.cells);
    cells.dropMinutesBefore(step.to.minutesFromMs);
    for (const { kind, key, seq } of step.index) {
      const id = `${kind}:${key}`;
      seqsByEntity.set(id, (seqsByEntity.get(id) ?? new Set()).add(seq));
    }
    if (step.to.seq > step.from.seq) foldTimes.push({ toSeq: step.to.seq, foldedAtMs: step.foldedAtMs });
    mark = step.to;
    return "committed";
  }

  return {
    append: async (batch) => log.append(batch),
    eventStatus: async (key) => log.statusOf(key),
    headSeq: async () => log.headSeq(),
    readChunks: async (afterSeq, eventsMax) => log.readChunks(afterSeq, eventsMax),
    readChunksInRange: async (range, eventsMax) => log.readChunksInRange(range, eventsMax),
    readMark: async () => mark,
    readEntities: async (reads) => entities.read(reads),
    scanEntities: async (kind, afterKey, limit) => entities.scan(kind, afterKey, limit),
    commitFold: async (step) => commit(step),
    readFoldTimes: async () => [...foldTimes],
    readChunksOf: async (kind, key) => {
      const seqs = [...(seqsByEntity.get(`${kind}:${key}`) ?? [])].sort((a, b) => a - b);
      return seqs.map((seq) => log.chunk(seq));
    },
    readRollups: async (ranges, userRanges = []) => ({
      mark,
      headSeq: log.headSeq(),
      cells: ranges.map((range) => cells.inRange(range)),
      users: userRanges.map((range) => cells.usersInRange(range)),
    }),
    scanCells: async (after, limit) => cells.page(after, limit),
    close: async () => {},
  };
}

// The revision rises with every fold, so it alone tells marks apart; the rest guards against a step made from another store's mark.
function isSameMark(a: FoldMark, b: FoldMark): boolean {
  return a.seq === b.seq && a.revision === b.revision && a.users === b.users && a.minutesFromMs === b.minutesFromMs;
}
