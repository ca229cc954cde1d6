/** An API key as it is kept: only its hash, and the prefix it is found by. Times are Unix milliseconds. */
export type StoredApiKey = {
  readonly prefix: string;
  readonly hash: string;
  readonly role: string;
  readonly name: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
};

/** The keys that callers present. Names are unique, and so are prefixes: a key with the prefix of another name is a `RangeError`. */
export type KeyStore = {
  findByPrefix(prefix: string): Promise<StoredApiKey | undefined>;
  /** Every key, in order of name. */
  list(): Promise<readonly StoredApiKey[]>;
  /** Puts a key in place; a key of the same name is replaced in the same step. */
  put(key: StoredApiKey): Promise<void>;
  /** Puts a key in place unless one of that name is there. @returns whether it was put: of several that race, one */
  putIfAbsent(key: StoredApiKey): Promise<boolean>;
  /** @returns whether there was such a key: of several that race, one is told so */
  remove(name: string): Promise<boolean>;
  close(): Promise<void>;
};
