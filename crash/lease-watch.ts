import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { spawnServer } from "@trinity/testing/server-process";
import { type Check, check } from "./check.ts";

type Act = {
  readonly token: number;
  readonly value: number;
  readonly atMs: number;
  readonly leasedUntilMs: number;
  readonly holder: string;
};

/** Processes that compete for one lease, and the increments that each reports. */
export class LeaseWatch {
  readonly #args: readonly string[];
  readonly #children: ChildProcess[] = [];
  readonly #acts: Act[] = [];

  constructor(endpoint: string, tablePrefix: string, contenders: number) {
    this.#args = [endpoint, tablePrefix];
    for (let i = 0; i < contenders; i++) this.#children.push(this.#spawn());
  }

  /** Kills one contender, and starts another instead. */
  killOne(index: number): void {
    const at = index % this.#children.length;
    this.#children[at]?.kill("SIGKILL");
    this.#children[at] = this.#spawn();
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#children.splice(0).map(async (child) => {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }),
    );
  }

  /** @param written the final record */
  checks(written: string | null): readonly Check[] {
    const values = this.#acts.map(({ value }) => value);
    const holders = Map.groupBy(this.#acts, ({ token }) => token);
    const shared = [...holders.values()].filter((acts) => new Set(acts.map(({ holder }) => holder)).size > 1).length;
    const inOrder = [...this.#acts].sort((a, b) => a.value - b.value);
    const back = inOrder.filter(({ token }, i) => i > 0 && token < (inOrder[i - 1] as Act).token).length;
    return [
      check("increments that two contenders report", 0, values.length - new Set(values).size),
      check("tokens of more than one contender", 0, shared),
      check("increments with an older token after a newer one", 0, back),
      check("increments that are not in the record", 0, values.filter((value) => value > Number(written ?? "0")).length),
      check("more than 20 increments", "yes", values.length > 20 ? "yes" : `${values.length}`),
    ];
  }

  get acts(): number {
    return this.#acts.length;
  }

  #spawn(): ChildProcess {
    const script = new URL("./lease-contender.ts", import.meta.url);
    const child = spawnServer({ script, scriptArgs: this.#args, env: { PATH: process.env["PATH"] } });
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      if (line.startsWith("{")) this.#acts.push(JSON.parse(line) as Act);
    });
    return child;
  }
}
