import { StoreUnavailableError } from "@trinity/storage/event-store";

/** A question is not answered now because of other questions. The message is for the caller. */
export class BusyError extends StoreUnavailableError {
  override readonly name = "BusyError";
  readonly retryAfterS: number;

  constructor(message: string, retryAfterS: number) {
    super(message);
    this.retryAfterS = retryAfterS;
  }
}
