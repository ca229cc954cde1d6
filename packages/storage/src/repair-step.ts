import type { Watermark } from "@trinity/aggregation/fold";
import { watermarkOfContent } from "./state-row.ts";
import { auditTextMax, type RepairStep } from "./verification-store.ts";

/** @returns the watermark after a repair: the same chunk, a new revision */
export function watermarkAfter({ from, repairs }: RepairStep): Watermark {
  const repaired = repairs.find(({ key }) => key.table === "mark")?.derived ?? null;
  return { ...from, revision: from.revision + 1, ...(repaired === null ? {} : watermarkOfContent(repaired)) };
}

/** @returns the text as the audit stores it */
export function auditText(content: string | null): string | null {
  return content === null || content.length <= auditTextMax ? content : `${content.slice(0, auditTextMax)}…`;
}
