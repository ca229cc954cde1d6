import {
  roomCreationComponent as creation,
  roomEndComponent as end,
  roomCreationMeasure,
  roomEndMeasure,
  roomStartMeasure,
} from "../measures/room-measures.ts";
import type { Metric } from "../metric.ts";

export const roomMetrics: readonly Metric[] = [
  {
    name: "rooms_created",
    unit: "rooms",
    definition: "Rooms by the bucket of their creation.",
    privacy: "aggregate",
    measure: roomCreationMeasure,
    reading: { kind: "count", components: [creation.rooms] },
  },
  {
    name: "rooms_started",
    unit: "rooms",
    definition: "Rooms by the bucket of their start: when they say so, or else their first vote.",
    privacy: "aggregate",
    measure: roomStartMeasure,
    reading: { kind: "count", components: [0] },
  },
  {
    name: "rooms_ended",
    unit: "rooms",
    definition:
      "Rooms by the bucket of their end: consensus (a match), no_consensus (closed without one), or abandoned (no event for 24 hours).",
    privacy: "aggregate",
    measure: roomEndMeasure,
    reading: { kind: "count", components: [end.rooms] },
    settlesAhead: true,
  },
  {
    name: "consensus_rate",
    unit: "ratio",
    definition: "Rooms that ended in consensus among all rooms that ended.",
    privacy: "aggregate",
    measure: roomEndMeasure,
    reading: { kind: "ratio", numerator: [end.consensus], denominator: [end.rooms], proportion: true },
    settlesAhead: true,
  },
  {
    name: "time_to_consensus",
    unit: "ms",
    definition: "Agreement less start, over rooms that ended in consensus in the bucket and whose start is known.",
    privacy: "aggregate",
    measure: roomEndMeasure,
    reading: { kind: "duration", count: end.timed, sum: end.timeSumMs, bin0: end.timeBin0, perMs: 1 },
    settlesAhead: true,
  },
  {
    name: "seat_fill_rate",
    unit: "ratio",
    definition: "Seats taken (the host's included) among the seats of rooms created in the bucket.",
    privacy: "aggregate",
    measure: roomCreationMeasure,
    reading: { kind: "ratio", numerator: [creation.seated], denominator: [creation.seats], proportion: true },
  },
];
