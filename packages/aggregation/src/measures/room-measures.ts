import { defineMeasure } from "../measure.ts";

/** Rooms by their creation, with the seats they have and how many of them were taken. */
export const roomCreationComponent = { rooms: 0, seats: 1, seated: 2 } as const;
export const roomCreationMeasure = defineMeasure("room_creation", ["room"], [["roomSize"], ["mediaType"], ["genre"]]);

/** Rooms by their start. */
export const roomStartMeasure = defineMeasure("room_start", ["room"], [["roomSize"], ["mediaType"], ["genre"]]);

/** Rooms by their end, with the time that agreement took. */
export const roomEndComponent = { rooms: 0, consensus: 1, timed: 2, timeSumMs: 3, timeBin0: 16 } as const;
export const roomEndMeasure = defineMeasure(
  "room_end",
  ["room"],
  [["roomSize"], ["mediaType"], ["genre"], ["ending"], ["ending", "roomSize"]],
);
