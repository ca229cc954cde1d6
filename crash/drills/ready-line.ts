import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Drill, step } from "./drill.ts";
import { startWholeProduct, type WholeProduct } from "./whole-product.ts";

const plainLine = /^ready (http:\/\/[\d.]+:\d+) {2}ingest http:\/\/[\d.]+:\d+ {2}OTLP\/gRPC [\d.]+:\d+ {2}API \1\/docs$/;
const linkOfLine = /^ready (http:\/\/[\d.]+:\d+)\/login#(\S+) /;

/** Row 29: container logs keep the output of `npm start`, so it must not contain keys. */
export const readyLine: Drill = {
  row: "29",
  what: "npm start without and with the demo: its ready line, and the link in it opened twice",
  async run(place) {
    const plain = await startWholeProduct(place, { TRINITY_DEMO: "false" });
    const line = lineOf(plain);
    const steps = [step("without the demo: neither key nor link", line, plainLine.test(line) && !plain.parent.output().includes("login#"))];
    await plain.stop();

    // Marks the demo history as sent: the drill does not need it, and its disk is small.
    writeFileSync(join(place.dataDir, "demo.json"), JSON.stringify({ filledUntilMs: Date.now() }), { mode: 0o600 });
    const demo = await startWholeProduct(place, { TRINITY_DEMO: "true", ...plain.ports });
    const [, url = "", token = ""] = linkOfLine.exec(lineOf(demo)) ?? [];
    const linked = lineOf(demo).replace(`/login#${token}`, "");
    steps.push(step("with the demo: a link, and no key", linked, token !== "" && plainLine.test(linked)));
    steps.push(step("its token is not a key: 401", `its token is not a key: ${await asKey(url, token)}`));
    steps.push(
      step("the link works once: 204, then 410", `the link works once: ${await opened(url, token)}, then ${await opened(url, token)}`),
    );
    steps.push(step("stops with 0", `stops with ${await demo.stop()}`));
    return steps;
  },
};

function lineOf({ parent }: WholeProduct): string {
  return /^ready .*$/m.exec(parent.output())?.[0] ?? "";
}

async function asKey(url: string, token: string): Promise<number> {
  return (await fetch(`${url}/api/v1/health/verification`, { headers: { "x-api-key": token } })).status;
}

/** Like the page of the link. */
async function opened(url: string, token: string): Promise<number> {
  const headers = { "content-type": "application/json", "x-trinity-page": "1" };
  return (await fetch(`${url}/login`, { method: "POST", headers, body: JSON.stringify({ token }) })).status;
}
