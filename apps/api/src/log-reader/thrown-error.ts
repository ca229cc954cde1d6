import { DamagedDataError, StoreUnavailableError } from "@trinity/storage/event-store";
import type { ThrownError } from "./messages.ts";

export function thrownErrorOf(error: unknown): ThrownError {
  if (error instanceof StoreUnavailableError) return { type: "unavailable", message: error.message };
  if (error instanceof DamagedDataError) return { type: "damaged", message: error.reason };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { type: "unforeseen", message, ...(stack === undefined ? {} : { stack }) };
}

/** @returns an error of the same kind in this process */
export function errorOfThrown({ type, message, stack }: ThrownError): Error {
  if (type === "unavailable") return new StoreUnavailableError(message);
  if (type === "damaged") return new DamagedDataError(message);
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}
