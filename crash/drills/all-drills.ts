import type { Drill } from "./drill.ts";
import { fullDisk } from "./full-disk.ts";

/** In the order in which they are shown. */
export const allDrills: readonly Drill[] = [fullDisk];
