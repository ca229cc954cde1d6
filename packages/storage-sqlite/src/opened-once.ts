import { StoreUnavailableError } from "@trinity/storage/event-store";

/** Something that is opened when it is first needed. An opening that failed is tried again the next time. */
export type OpenedOnce<Opened> = {
  get(): Opened;
  /** Closes what was opened; it is opened anew when it is next needed. What cannot be closed is let go all the same. */
  reopen(): void;
  close(): Promise<void>;
};

/** @param close is given what was opened; it is not called when nothing was */
export function openedOnce<Opened>(open: () => Opened, close: (opened: Opened) => void | Promise<void>): OpenedOnce<Opened> {
  let opened: { readonly value: Opened } | null = null;
  let isClosed = false;
  return {
    get: () => {
      if (isClosed) throw new StoreUnavailableError("the store is closed");
      opened ??= { value: open() };
      return opened.value;
    },
    reopen: () => {
      const closing = opened;
      opened = null;
      if (closing !== null) void closeQuietly(() => close(closing.value));
    },
    close: async () => {
      isClosed = true;
      const closing = opened;
      opened = null;
      if (closing !== null) await close(closing.value);
    },
  };
}

async function closeQuietly(close: () => void | Promise<void>): Promise<void> {
  try {
    await close();
  } catch {
    // The disk that failed before fails again: nobody uses what was opened any more.
  }
}
