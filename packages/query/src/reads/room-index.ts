import { bucketStart, tierMs } from "@trinity/aggregation/bucket";
import type { AmountCell } from "@trinity/aggregation/cell";
import {
  measureOfMilestone,
  type RoomMilestone,
  roomEndMeasure,
  roomMilestoneComponent,
  roomMilestoneMeasure,
} from "@trinity/aggregation/room-measures";
import { joinTimeRanges, type TimeRange } from "@trinity/aggregation/time-range";
import type { CellRange, EventStore } from "@trinity/storage/event-store";
import { compareUtf8 } from "@trinity/storage/text-order";
import type { ScanBudget } from "./scan-limit.ts";

/** Reading a room by its id, after its cell, costs about four times as much as reading it in order with all others. */
const costOfOne = 4;
/** More than these cells take too much memory at once. */
const listedMax = 500_000;

/**
 * The ids of the rooms with a milestone in the hours of the ranges, in order. `read-all` where the ranges have too many rooms for the
 * index to pay or to be kept, or where the index is incomplete: in some hour it does not list as many rooms as the measures of the milestones count, because its
 * cells are damaged, or an older release made the state. Verification repairs both.
 * @throws {ScanLimitError} before it reads the index, when there are more rooms than the budget allows
 */
export async function readRoomIds(
  store: Pick<EventStore, "readRollups">,
  milestones: readonly RoomMilestone[],
  ranges: readonly TimeRange[],
  budget: ScanBudget,
): Promise<readonly string[] | "read-all"> {
  const hours = joinTimeRanges(ranges.map(hoursOf));
  const rangesOf = (set: string, wanted: Pick<CellRange, "componentsBelow">) =>
    hours.map((range): CellRange => ({ ...range, tier: "hour", set, ...wanted }));
  const counts = milestones.flatMap((milestone) => rangesOf(measureOfMilestone[milestone].name, { componentsBelow: 1 }));
  const byMilestone = (cells: readonly (readonly AmountCell[])[]) =>
    milestones.map((_, i) => cells.slice(i * hours.length, (i + 1) * hours.length).flat());
  const [all = [], ...ahead] = (await store.readRollups([allRooms, ...counts])).cells;
  const inRanges = Math.max(...byMilestone(ahead).map((cells) => sumOf(cells, 0)));
  budget.require(inRanges);
  if (inRanges > listedMax || inRanges * costOfOne > sumOf(all, 0)) return "read-all";
  const index = rangesOf(`${roomMilestoneMeasure.name}/roomId`, {});
  const { cells } = await store.readRollups([...index, ...counts]);
  const listed = cells.slice(0, index.length).flat();
  const counted = byMilestone(cells.slice(index.length));
  const roomIds = new Set<string>();
  for (const [i, milestone] of milestones.entries()) {
    const component = roomMilestoneComponent[milestone];
    const ofMilestone = listed.filter((cell) => amountOf(cell, component) !== 0);
    if (!isSameByHour(ofMilestone, component, counted[i] ?? [])) return "read-all";
    for (const { value } of ofMilestone) roomIds.add(value);
  }
  return [...roomIds].sort(compareUtf8);
}

function hoursOf({ fromMs, toMs }: TimeRange): TimeRange {
  return { fromMs: bucketStart("hour", fromMs), toMs: bucketStart("hour", toMs - 1) + tierMs.hour };
}

/** Every room has one end. */
const allRooms: CellRange = {
  set: roomEndMeasure.name,
  tier: "day",
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  componentsBelow: 1,
};

function isSameByHour(listed: readonly AmountCell[], component: number, counted: readonly AmountCell[]): boolean {
  const byHour = Map.groupBy(listed, ({ bucketMs }) => bucketMs);
  return byHour.size === counted.length && counted.every((cell) => sumOf(byHour.get(cell.bucketMs) ?? [], component) === amountOf(cell, 0));
}

function sumOf(cells: readonly AmountCell[], component: number): number {
  return cells.reduce((sum, cell) => sum + amountOf(cell, component), 0);
}

function amountOf({ amounts }: AmountCell, component: number): number {
  for (let i = 0; i < amounts.length; i += 2) if (amounts[i] === component) return amounts[i + 1] as number;
  return 0;
}
