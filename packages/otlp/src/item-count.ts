import { decodeLimits } from "./decode-limits.ts";
import { OtlpDecodeError } from "./otlp-problem.ts";

/** Counts the items of a request: records and containers before any is built, values while they are read. @throws {OtlpDecodeError} `too_many_items` */
export class ItemCount {
  private records = 0;
  private containers = 0;
  private values = 0;

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

  addValues(count: number): void {
    this.values += count;
    if (this.values > decodeLimits.requestValuesMax) {
      throw new OtlpDecodeError("too_many_items", `a request may carry ${decodeLimits.requestValuesMax} attribute values`);
    }
  }
}
