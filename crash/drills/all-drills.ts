import type { Drill } from "./drill.ts";
import { fullDisk } from "./full-disk.ts";
import { killedChild, killedChildOnDynamo } from "./killed-child.ts";
import { killedParent, killedParentOnDynamo } from "./killed-parent.ts";

/** In the order in which they are shown. */
export const allDrills: readonly Drill[] = [fullDisk, killedParent, killedParentOnDynamo, killedChild, killedChildOnDynamo];
