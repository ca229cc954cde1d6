/** Sends hostile requests to the real ingest process: `npm run hostile -- --seed 7 --cases 2000`. */
import { parseArgs } from "node:util";
import { hasFailed, resultTable } from "./result-table.ts";
import { runHostile } from "./run-hostile.ts";

const { values } = parseArgs({
  options: { seed: { type: "string" }, cases: { type: "string", default: "2000" }, help: { type: "boolean" } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const mutations = Number(values.cases);

if (values.help === true || !Number.isSafeInteger(seed) || !Number.isSafeInteger(mutations) || mutations < 0) {
  console.log(
    "npm run hostile -- [--seed N] [--cases N]\n  --seed   seed of the mutations (default: a new one each time)\n  --cases  number of mutations after the table (default: 2000)",
  );
  process.exit(values.help === true ? 0 : 2);
}

console.log(`hostile: seed ${seed}, ${mutations} mutations`);
let reported = 0;
const results = await runHostile({
  seed,
  mutations,
  nowMs: () => Date.now(),
  onResult: (result, done, total) => {
    reported = done;
    if (hasFailed(result)) console.log(`FAILED row ${result.row}: ${result.name}\n  ${result.problems.join("\n  ")}`);
    if (process.stdout.isTTY) process.stdout.write(`\r${done} of ${total} `);
    else if (done % 500 === 0) console.log(`${done} of ${total}`);
  },
});
for (const { row, name, problems } of results.slice(reported).filter(hasFailed))
  console.log(`FAILED row ${row}: ${name}\n  ${problems.join("\n  ")}`);
console.log(`\n${resultTable(results).join("\n")}`);
console.log(`seed ${seed}: repeat with npm run hostile -- --seed ${seed} --cases ${mutations}`);
if (results.some(hasFailed)) process.exitCode = 1;
