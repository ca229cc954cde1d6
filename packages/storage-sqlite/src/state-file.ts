import { existsSync } from "node:fs";
import { DamagedStateError, StoreUnavailableError } from "@trinity/storage/event-store";
import type { Database } from "better-sqlite3";
import { databasePath, type OpenMode, openDatabase } from "./database.ts";
import { FoldState } from "./fold-state.ts";
import { takeFolderLock } from "./folder-lock.ts";
import {
  BrokenRuleError,
  type Certainty,
  certaintyOf,
  dismissReport,
  fileIdentity,
  IncompleteStateError,
  isRebuiltOfLate,
  quarantinedStates,
  quarantineState,
  reportedDamage,
  reportStateDamage,
  stateFailsAgain,
  stateFileDamaged,
  stateRebuilding,
} from "./state-damage.ts";
import { requireStateSchema } from "./state-file-schema.ts";
import { salvageState } from "./state-salvage.ts";

/** What the process that folds provides for rebuilding a damaged state. */
export type StateOwner = {
  readonly nowMs: () => number;
  /** The first and the newest chunk of the log; 0 and 0 while it is empty. */
  readonly logEnds: () => { readonly firstSeq: number; readonly headSeq: number };
  /** Called after a damaged file was quarantined. */
  readonly onQuarantined: (cause: unknown) => void;
};

export type StateFileSettings = { readonly dataDir: string; readonly mode: OpenMode; readonly owner?: StateOwner };

type Opened = { readonly database: Database; readonly state: FoldState; readonly identity: string | null };

/**
 * Gives access to `state.db`. Reopens a file that was replaced. Damage of the file is a `DamagedStateError`: the owner quarantines the file
 * and begins a new one, all others report it to the owner.
 */
export class StateFile {
  readonly #dataDir: string;
  readonly #mode: OpenMode;
  readonly #owner: StateOwner | null;
  readonly #path: string;
  #opened: Opened | null = null;
  #isClosed = false;
  /** The identity of a reported file that passed its check. */
  #checked: string | null = null;
  /** A power cut may lose the last folds of a rebuild; they are repeated. */
  #isRelaxed = false;

  constructor({ dataDir, mode, owner }: StateFileSettings) {
    this.#dataDir = dataDir;
    this.#mode = mode;
    this.#owner = owner ?? null;
    this.#path = databasePath(dataDir, "state");
  }

  /**
   * For queries and verification.
   * @throws {DamagedStateError} while the file is damaged, or is being rebuilt
   */
  answer<Result>(work: (state: FoldState) => Result): Result {
    return this.#use((state) => {
      if (this.#mode !== "shadow") requireRebuilt(state);
      return work(state);
    });
  }

  /**
   * For folds, also during a rebuild. A store that cannot write cannot fold: then it is a query.
   * @throws {DamagedStateError} while the file is damaged
   */
  fold<Result>(work: (state: FoldState) => Result): Result {
    if (this.#mode === "readonly") return this.answer(work);
    const result = this.#use(work);
    if (this.#isRelaxed) this.#syncUnlessRebuilding();
    return result;
  }

  /** The next use reopens the file, as after an error that a connection may keep. */
  reopen(): void {
    try {
      this.#closeFile();
    } catch {
      // Closing may fail like the disk did. The connection is no longer used.
      this.#opened = null;
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#closeFile();
  }

  #use<Result>(work: (state: FoldState) => Result): Result {
    if (this.#isClosed) throw new StoreUnavailableError("the store is closed");
    try {
      if (this.#owner !== null) this.#heedReport();
      return work(this.#open().state);
    } catch (error) {
      const certainty = this.#mode === "shadow" ? null : certaintyOf(error);
      throw certainty === null ? error : this.#damaged(error, certainty);
    }
  }

  #open(): Opened {
    if (this.#opened !== null && this.#opened.identity !== fileIdentity(this.#path)) this.#closeFile();
    this.#opened ??= this.#owner === null ? this.#openFile() : this.#openOwn(this.#owner);
    return this.#opened;
  }

  #openFile(): Opened {
    if (this.#mode === "readwrite" && this.#owner === null && !existsSync(this.#path)) this.#createFile();
    const identity = fileIdentity(this.#path);
    const database = openDatabase(this.#dataDir, "state", this.#mode);
    try {
      requireStateSchema(database);
      const state = new FoldState(database);
      state.readWatermark();
      const opened = fileIdentity(this.#path);
      if (identity !== null && identity !== opened) throw new StoreUnavailableError("state.db was replaced just now");
      return { database, state, identity: opened };
    } catch (error) {
      database.close();
      throw error;
    }
  }

  // Not while the owner quarantines a damaged file: files beside it do not belong to a new one.
  #createFile(): void {
    const lock = takeFolderLock(this.#dataDir, "state");
    try {
      openDatabase(this.#dataDir, "state", "readwrite").close();
    } finally {
      lock.release();
    }
  }

  /** An empty state over a log with chunks needs a rebuild: the file is new, or its rebuild had not begun. */
  #openOwn(owner: StateOwner): Opened {
    const opened = this.#openFile();
    const { headSeq } = owner.logEnds();
    opened.state.trail.forgetAfter(headSeq);
    if (opened.state.readWatermark().seq === 0 && headSeq > 0 && opened.state.rebuildTarget() === null) {
      const nowMs = owner.nowMs();
      const salvage = salvageState(this.#dataDir, headSeq, nowMs);
      // Without an earlier state these are the first folds of a new store.
      const wasFolded = salvage.foldTimes.length > 0 || quarantinedStates(this.#dataDir).length > 0;
      if (wasFolded) opened.state.beginRebuild(headSeq, nowMs, salvage);
    }
    this.#isRelaxed = opened.state.rebuildTarget() !== null;
    if (this.#isRelaxed) opened.database.pragma("synchronous = NORMAL");
    return opened;
  }

  #syncUnlessRebuilding(): void {
    const { database, state } = this.#open();
    if (state.rebuildTarget() !== null) return;
    database.pragma("synchronous = FULL");
    this.#isRelaxed = false;
  }

  /** @throws when the file is damaged */
  #heedReport(): void {
    const reported = reportedDamage(this.#dataDir);
    if (reported === null) return;
    if (reported === "certain") throw new IncompleteStateError("state.db was found damaged by another process");
    if (reported === "broken-rule") throw new BrokenRuleError("a statement of another process failed on state.db");
    // Reopened, because the header and the schema are checked when a file is opened.
    this.#closeFile();
    const { database, identity } = this.#open();
    if (database.pragma("integrity_check(1)", { simple: true }) !== "ok")
      throw new IncompleteStateError("state.db does not pass its check");
    if (identity === this.#checked) throw new BrokenRuleError("state.db passes its check, but was reported again");
    this.#checked = identity;
    dismissReport(this.#dataDir);
  }

  #damaged(cause: unknown, certainty: Certainty): DamagedStateError {
    const owner = this.#owner;
    const identity = this.#opened?.identity ?? fileIdentity(this.#path);
    this.#closeFile();
    if (owner === null) {
      if (identity !== null) reportStateDamage(this.#dataDir, identity, certainty);
      return stateFileDamaged(cause);
    }
    if (owner.logEnds().firstSeq > 1) {
      return new DamagedStateError("state.db is damaged, and the log no longer holds its beginning; restore state.db from a copy", {
        cause,
      });
    }
    // Otherwise a fault of this program would rebuild the state for ever.
    if (certainty === "broken-rule" && isRebuiltOfLate(this.#dataDir, owner.nowMs())) {
      dismissReport(this.#dataDir);
      return stateFailsAgain(cause);
    }
    const lock = takeFolderLock(this.#dataDir, "state");
    try {
      quarantineState(this.#dataDir, owner.nowMs());
      this.#opened = this.#openOwn(owner);
    } finally {
      lock.release();
    }
    owner.onQuarantined(cause);
    return stateFileDamaged(cause);
  }

  #closeFile(): void {
    this.#opened?.database.close();
    this.#opened = null;
  }
}

/** @throws {DamagedStateError} while a rebuild has not reached the watermark that the damaged state may have had */
function requireRebuilt(state: FoldState): void {
  const target = state.rebuildTarget();
  if (target !== null) throw stateRebuilding(state.readWatermark().seq, target);
}
