import { StoreUnavailableError } from "@trinity/storage/event-store";

/** A resource that is opened at its first use. A failed opening is retried at the next use. */
export type OpenedOnce<Opened> = {
  get(): Opened;
  /** Closes the resource; the next use opens it again. Errors of closing are ignored. */
  reopen(): void;
  close(): Promise<void>;
};

/** @param close called with the opened resource; not called when nothing was opened */
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
    // Closing may fail like the disk did. The resource is no longer used.
  }
}
