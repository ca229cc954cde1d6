import type { EventStore } from "../event-store.ts";

/** A new, empty store. */
export type StoreUnderTest = {
  readonly store: EventStore;
  /** Closes the store and opens one on the same data, like a restarted process. */
  reopen(): Promise<EventStore>;
  /** Closes the store and removes the data. */
  dispose(): Promise<void>;
};
export type OpenStore = () => Promise<StoreUnderTest>;

/** A way to make the database of the last opened store fail. */
export type Fault = {
  /** Such as `disk full`. */
  readonly name: string;
  /** Makes the store's n-th call to its database from now on fail once; the first is 1. */
  armNth(n: number): ArmedFault;
};
export type ArmedFault = {
  /** Removes the fault. @returns whether the store made the n-th call */
  disarm(): boolean;
};

/** Runs a test with a new store and always cleans up. */
export async function usingStore(open: OpenStore, test: (subject: StoreUnderTest) => Promise<void>): Promise<void> {
  const subject = await open();
  try {
    await test(subject);
  } finally {
    await subject.dispose();
  }
}
