/** An API key as stored: its hash, and the prefix for looking it up. Times are Unix milliseconds. */
export type StoredApiKey = {
  readonly prefix: string;
  readonly hash: string;
  readonly role: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
};

/** API keys. Names and prefixes are unique: putting a key with the prefix of another name is a `RangeError`. */
export type KeyStore = {
  findByPrefix(prefix: string): Promise<StoredApiKey | undefined>;
  /** All keys, in order of name. */
  list(): Promise<readonly StoredApiKey[]>;
  /** Stores a key; replaces a key of the same name atomically. */
  put(key: StoredApiKey): Promise<void>;
  /** Stores a key unless the name is taken. @returns whether it was stored: true for one of several concurrent calls */
  putIfAbsent(key: StoredApiKey): Promise<boolean>;
  /** @returns whether there was such a key: true for one of several concurrent calls */
  remove(name: string): Promise<boolean>;
  close(): Promise<void>;
};
