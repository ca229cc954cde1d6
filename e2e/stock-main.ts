/** `npm run stock [minutes]`: the stock service beside the product, ten minutes unless told otherwise, with the SDK's own export interval. */
import { runStockService } from "./stock-run.ts";

const minutes = Number(process.argv[2] ?? 10);
const { lines, exports } = await runStockService({ durationMs: minutes * 60_000, exportIntervalMs: 60_000, requestEveryMs: 20 });
const width = Math.max(...lines.map(({ number }) => number.length));
for (const { number, counted, answered, isEqual } of lines) {
  process.stdout.write(`${isEqual ? "equal " : "WRONG "} ${number.padEnd(width)}  counted ${counted}  answered ${answered}\n`);
}
process.stdout.write(`${exports.succeeded} exports succeeded, ${exports.failed} failed\n`);
process.exitCode = lines.every(({ isEqual }) => isEqual) && exports.failed === 0 ? 0 : 1;
