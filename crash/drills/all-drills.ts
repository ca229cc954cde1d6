import type { Drill } from "./drill.ts";
import { dynamoOutage } from "./dynamo-outage.ts";
import { failingCalls, failingDisk, failingDiskOfOthers } from "./failing-disk.ts";
import { fullDisk, startOnFullDisk } from "./full-disk.ts";
import { killedChild, killedChildOnDynamo } from "./killed-child.ts";
import { killedParent, killedParentOnDynamo } from "./killed-parent.ts";

/** In the order in which they are shown. */
export const allDrills: readonly Drill[] = [
  failingCalls,
  failingDisk,
  failingDiskOfOthers,
  fullDisk,
  startOnFullDisk,
  dynamoOutage,
  killedParent,
  killedParentOnDynamo,
  killedChild,
  killedChildOnDynamo,
];
