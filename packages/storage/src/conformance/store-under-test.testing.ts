import type { EventStore } from "../event-store.ts";

/** A new, empty store. */
export type StoreUnderTest = {
  readonly store: EventStore;
  /** Closes the store and opens one on the same data, as a process does that was started again. */
  reopen(): Promise<EventStore>;
  /** Closes what is open and removes the data. */
  dispose(): Promise<void>;
};
export type OpenStore = () => Promise<StoreUnderTest>;

/** A way to make the store that was opened last fail from inside. */
export type Fault = {
  /** Such as `disk full`. */
  readonly name: string;
  /** Makes the n-th call that the store makes to its database from now on fail, once; the first is 1. */
  armNth(n: number): ArmedFault;
};
export type ArmedFault = {
  /** Takes the fault back. @returns whether the store got as far as the n-th call */
  disarm(): boolean;
};

/** Runs a test with a new store, and cleans up however it ends. */
export async function usingStore(open: OpenStore, test: (subject: StoreUnderTest) => Promise<void>): Promise<void> {
  const subject = await open();
  try {
    await test(subject);
  } finally {
    await subject.dispose();
  }
}
