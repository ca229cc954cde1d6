import { chunkTable } from "./chunk-table.ts";
import { eventTable } from "./event-table.ts";

export const logTables = [eventTable, chunkTable] as const;

/** Changes whenever the columns do: segments of another layout are made again. */
export const layout = JSON.stringify(logTables);
