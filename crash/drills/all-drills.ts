import { damagedChunks, lostRows } from "./damaged-log.ts";
import { cutState, flippedState, headerOfState } from "./damaged-state.ts";
import { damagedEntries, damagedItems, lostItems, olderEventsTable, olderEventsTableUnderway } from "./damaged-tables.ts";
import { dataFolderGone } from "./data-folder-gone.ts";
import type { Drill } from "./drill.ts";
import { dynamoOutage } from "./dynamo-outage.ts";
import { failingCalls, failingDisk, failingDiskOfOthers } from "./failing-disk.ts";
import { fullDisk, startOnFullDisk } from "./full-disk.ts";
import { killedChild, killedChildOnDynamo } from "./killed-child.ts";
import { killedParent, killedParentOnDynamo } from "./killed-parent.ts";
import { logCutBack } from "./log-cut-back.ts";
import { pseudonymKey, pseudonymKeyOnDynamo } from "./pseudonym-key.ts";
import { readyLine } from "./ready-line.ts";

/** In the order of display. */
export const allDrills: readonly Drill[] = [
  logCutBack,
  olderEventsTable,
  olderEventsTableUnderway,
  lostRows,
  lostItems,
  damagedChunks,
  damagedItems,
  damagedEntries,
  cutState,
  flippedState,
  headerOfState,
  failingCalls,
  failingDisk,
  failingDiskOfOthers,
  fullDisk,
  startOnFullDisk,
  dynamoOutage,
  dataFolderGone,
  pseudonymKey,
  pseudonymKeyOnDynamo,
  killedParent,
  killedParentOnDynamo,
  killedChild,
  killedChildOnDynamo,
  readyLine,
];
