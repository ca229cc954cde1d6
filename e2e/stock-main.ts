/** The stock service beside the product: `npm run stock -- --help`. */
import { parseArgs } from "node:util";
import { runStockService } from "./stock-run.ts";

const help = `Runs a service with the stock OpenTelemetry NodeSDK beside the product, and compares every number with what the service counted itself.

  npm run stock            ten minutes
  npm run stock -- 2       two minutes; any number above 0, but an export comes each minute

It exits 1 when a number differs or an export failed.`;

const lineEveryMs = 30_000;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(minutes: number): Promise<void> {
  say(`ready in about ${minutes} min`);
  let saidAtMs = 0;
  const onProgress = (passedMs: number) => {
    if (passedMs - saidAtMs < lineEveryMs) return;
    saidAtMs = passedMs;
    say(`${(passedMs / 60_000).toFixed(1)} of ${minutes} min`);
  };
  const settings = { durationMs: minutes * 60_000, exportIntervalMs: 60_000, requestEveryMs: 20, onProgress };
  const { lines, exports } = await runStockService(settings);
  const width = Math.max(...lines.map(({ number }) => number.length));
  for (const { number, counted, answered, isEqual } of lines) {
    process.stdout.write(`${isEqual ? "equal " : "WRONG "} ${number.padEnd(width)}  counted ${counted}  answered ${answered}\n`);
  }
  process.stdout.write(`${exports.succeeded} exports succeeded, ${exports.failed} failed\n`);
  process.exitCode = lines.every(({ isEqual }) => isEqual) && exports.failed === 0 ? 0 : 1;
}

const { values, positionals } = parseArgs({ options: { help: { type: "boolean", default: false } }, allowPositionals: true });
const minutes = Number(positionals[0] ?? 10);
if (values.help) process.stdout.write(`${help}\n`);
else if (minutes > 0 && positionals.length < 2) await main(minutes);
else {
  say(help);
  process.exitCode = 2;
}
