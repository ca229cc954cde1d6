import { EngineError } from "@trinity/columns/engine";
import type { LogColumns } from "@trinity/columns/log-columns";
import type { Reader } from "./reader.ts";
import { ScanLimitError } from "./scan-limit.ts";

/**
 * @returns what was read; null where there are no columns, or they cannot be read: read chunks and entities
 * @throws {ScanLimitError} when the engine would need more memory or time than one answer may take
 */
export async function fromColumns<Found>(
  { columns, signal }: Pick<Reader, "columns" | "signal">,
  read: (columns: LogColumns, signal: AbortSignal | undefined) => Promise<Found | null>,
): Promise<Found | null> {
  return columns === undefined ? null : await read(columns, signal).catch(refuseTooMuch);
}

/** @throws {ScanLimitError} where a statement needed too much; any other error as it is */
export function refuseTooMuch(error: unknown): never {
  if (error instanceof EngineError && error.isLimit) throw new ScanLimitError(error.message);
  throw error;
}
