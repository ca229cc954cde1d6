/** The context of a case: the addresses, the key, and seeded randomness. */
export type HostileContext = {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly ingestKey: string;
  readonly adminKey: string;
  readonly nowMs: () => number;
  /** An id that is unique in the run. */
  readonly newEventId: () => string;
  /** Hex of this many bytes, unique in the run. */
  readonly newHex: (bytes: number) => string;
};

/** Part of values that no answer and no log line may repeat. */
export const canary = "canary-3f9c1e-value";

/** @param run identifies this run among others on the same data */
export function createContext(
  run: string,
  settings: Pick<HostileContext, "host" | "httpPort" | "grpcPort" | "ingestKey" | "adminKey" | "nowMs">,
): HostileContext {
  let events = 0;
  let hexes = 0;
  return {
    ...settings,
    newEventId: () => `hostile-${run}-${events++}`,
    newHex: (bytes) => Buffer.from(`${run}${(hexes++).toString(36).padStart(6, "0")}`.padEnd(bytes, "x").slice(-bytes)).toString("hex"),
  };
}
