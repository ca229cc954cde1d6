import type { DimensionName } from "@trinity/aggregation/dimension";
import { RoomSurvivalAccumulator, type RoomSurvivalCurve, type SurvivalGrouping } from "@trinity/aggregation/room-survival";
import { ok } from "@trinity/runtime/result";
import type { QuestionKind } from "../question-kind.ts";
import type { QuestionScope } from "../reads/read-metrics.ts";
import { entitiesMax } from "../reads/scan-ended-rooms.ts";
import { scanRooms } from "../reads/scan-rooms.ts";

/** `by` is null for one curve of all rooms. */
export type RoomSurvivalQuestion = { readonly scope: QuestionScope; readonly by: SurvivalGrouping | null };
export type RoomSurvival = { readonly curves: readonly RoomSurvivalCurve[] };

const dimensionOf: Readonly<Partial<Record<SurvivalGrouping, DimensionName>>> = { mediaType: "mediaType", genre: "genre" };

/** How long rooms that started in a scope take to match. */
export const roomSurvival: QuestionKind<RoomSurvivalQuestion, RoomSurvivalQuestion, RoomSurvivalAccumulator, RoomSurvival> = {
  permission: "metrics:read",
  isHeavy: () => true,
  plan: ok,
  async read({ scope, by }, reader) {
    const accumulator = new RoomSurvivalAccumulator(scope, by, reader.moment.asOfMs);
    for await (const page of scanRooms(reader, "started", scope, entitiesMax)) for (const { room } of page) accumulator.add(room);
    return { facts: accumulator, source: "entities" };
  },
  compute: (_question, accumulator) => ok({ curves: accumulator.curves() }),
  overflowCheck({ scope, by }) {
    const dimension = by === null ? undefined : dimensionOf[by];
    return { scope, counts: [{ metric: "rooms_started" }], by: dimension === undefined ? [] : [dimension], checkedRange: scope };
  },
};
