import type { DimensionSet, Measure } from "./measure.ts";
import { freshnessMeasure, ingestMeasure } from "./measures/chunk-measures.ts";
import { eventMeasures } from "./measures/event-measures.ts";
import { newUserMeasure, titleDiscoveryMeasure } from "./measures/first-measures.ts";
import { roomCreationMeasure, roomEndMeasure, roomMilestoneMeasure, roomStartMeasure, roomTitleMeasure } from "./measures/room-measures.ts";
import { sessionBalanceMeasure, sessionFlowMeasure, sessionMeasure } from "./measures/session-measure.ts";

/** Everything that is counted. */
export const measures: readonly Measure[] = [
  ...eventMeasures,
  newUserMeasure,
  titleDiscoveryMeasure,
  sessionMeasure,
  sessionFlowMeasure,
  sessionBalanceMeasure,
  roomCreationMeasure,
  roomStartMeasure,
  roomEndMeasure,
  roomTitleMeasure,
  roomMilestoneMeasure,
  ingestMeasure,
  freshnessMeasure,
];

const setsByName: ReadonlyMap<string, DimensionSet> = new Map(measures.flatMap(({ sets }) => sets).map((set) => [set.name, set]));

export function findSet(name: string): DimensionSet | undefined {
  return setsByName.get(name);
}

const measuresByName: ReadonlyMap<string, Measure> = new Map(measures.map((measure) => [measure.name, measure]));

/** @param set the name of a dimension set; sets and measures that are no longer kept have none */
export function measureOfSet(set: string): Measure | undefined {
  return measuresByName.get(set.split("/", 1)[0] as string);
}
