import { StoreUnavailableError } from "@trinity/storage/event-store";
import { LeaseLostError } from "@trinity/storage/held-lease";

/** Whether the failure means that another process does this work, or that the store cannot serve it yet. */
export function isForAnother(error: unknown): boolean {
  return error instanceof StoreUnavailableError || error instanceof LeaseLostError;
}
