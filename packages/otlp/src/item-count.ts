import { decodeLimits } from "./decode-limits.ts";
import { OtlpDecodeError } from "./otlp-problem.ts";

/** Counts what a request holds before any of it is built. @throws {OtlpDecodeError} `too_many_items`, at the first that is too many */
export class ItemCount {
  private records = 0;
  private containers = 0;

  readonly addRecord = (): void => {
    if (++this.records > decodeLimits.recordsMax) {
      throw new OtlpDecodeError("too_many_items", `a request may carry ${decodeLimits.recordsMax} records`);
    }
  };

  readonly addContainer = (): void => {
    if (++this.containers > decodeLimits.containersMax) {
      throw new OtlpDecodeError("too_many_items", `a request may carry ${decodeLimits.containersMax} resources, scopes and metrics`);
    }
  };
}
