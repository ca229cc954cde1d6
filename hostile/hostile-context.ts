/** The context of a case: the addresses, the key, and seeded randomness. */
export type HostileContext = {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly ingestKey: string;
  readonly adminKey: string;
  readonly nowMs: () => number;
  /** An id that no other event of the run has. */
  readonly newEventId: () => string;
  /** So many bytes in hex that no other call of the run gets. */
  readonly newHex: (bytes: number) => string;
};

/** Stands in values that no answer and no log line may repeat. */
export const canary = "canary-3f9c1e-value";

/** @param run tells this run from every other on the same data */
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
