import { appendFile, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** A record that could not be told, without anything that names a person or a room. */
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
  /** Never rejects: what cannot be written down must not hold up what comes after it. */
  put(records: readonly SetAsideRecord[]): Promise<void>;
};

/** One line of JSON a record, appended. @param bytesMax where the file ends; beyond it records are counted only */
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
