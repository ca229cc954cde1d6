import { appendFile, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A record that could not be mapped, without anything that names a person or a room. */
export type SetAsideRecord = {
  readonly at: string;
  readonly tableName: string;
  readonly eventName: string;
  /** Finds the record again, as long as the stream keeps it. */
  readonly sequenceNumber: string | null;
  readonly eventType: string | null;
  readonly reason: string;
};

export type SetAside = {
  /** Never rejects: a failed write must not block the next records. */
  put(records: readonly SetAsideRecord[]): Promise<void>;
};

/** Appends one line of JSON a record. @param bytesMax the size of the file; further records are only counted */
export function openSetAsideFile(path: string, onFailure: (error: unknown) => void, bytesMax = 64 * 1024 * 1024): SetAside {
  return {
    async put(records) {
      if (records.length === 0) return;
      try {
        const size = await stat(path).then(
          (file) => file.size,
          () => 0,
        );
        if (size >= bytesMax) return;
        await mkdir(dirname(path), { recursive: true });
        await appendFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(""), { mode: 0o600 });
      } catch (error) {
        onFailure(error);
      }
    },
  };
}
