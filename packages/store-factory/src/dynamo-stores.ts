import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { StoreConfig } from "@trinity/config/store-config";
import type { Clock } from "@trinity/runtime/clock";
import type { Sleep } from "@trinity/runtime/sleep";
import { StoreTakenError } from "@trinity/storage/event-store";
import { holdLease } from "@trinity/storage/held-lease";
import type { DynamoSettings } from "@trinity/storage-dynamodb/client/dynamo";
import { createTables } from "@trinity/storage-dynamodb/create-tables";
import { openDynamoStore } from "@trinity/storage-dynamodb/dynamo-event-store";
import { openDynamoKeyStore } from "@trinity/storage-dynamodb/dynamo-key-store";
import { openDynamoLeaseStore } from "@trinity/storage-dynamodb/dynamo-lease-store";
import { openDynamoLogCheck } from "@trinity/storage-dynamodb/log/check-log";
import { openSqliteShadowState } from "@trinity/storage-sqlite/sqlite-shadow-state";
import type { SegmentBucketPlace, Stores } from "./stores.ts";
import { openThrowawayState } from "./throwaway-state.ts";
import type { VerificationLease } from "./verification-lease.ts";

/** A process cannot set tables aside; the operator who restored them must. */
const wayToAcceptLog =
  "on DynamoDB stop every process, delete the tables users, rooms, content, rollups, system and state, and then: npm run trinity -- tables create; the fold makes them anew from the log";

/** How long others wait for a verifier that died. */
const verificationForMs = 15_000;

/** Tables that processes on any machines share. Each machine has its shadow states in files. */
export function dynamoStores(config: StoreConfig): Stores {
  const settings = dynamoSettingsOf(config);
  // Not in the folder itself: another store there has its own shadow states.
  const localDir = join(config.TRINITY_DATA_DIR, `dynamodb-${config.TRINITY_TABLE_PREFIX}`);
  const segmentBucket = segmentBucketOf(config, localDir);
  return {
    isShared: true,
    localDir,
    // Without a bucket other machines could not read what one has sealed.
    segmentsDir: segmentBucket && join(localDir, "segments"),
    segmentBucket,
    openEventStore: () => openDynamoStore(settings),
    openKeyStore: () => openDynamoKeyStore(settings),
    openLeaseStore: () => openDynamoLeaseStore(settings),
    openVerification: (clock, sleep) => openVerification(settings, localDir, clock, sleep),
    // Items are complete or missing, and every read of the state notices.
    checkState: async () => {},
    openLogCheck: () => openDynamoLogCheck(settings),
    openThrowawayState: () => openThrowawayState(localDir),
    claimStart: () => ({ release: () => {} }),
    prepare: (sleep) => createTables({ ...settings, pause: sleep }),
    acceptLog: () => {
      throw new Error(wayToAcceptLog);
    },
    hasData: () => false,
  };
}

function segmentBucketOf(config: StoreConfig, localDir: string): SegmentBucketPlace | null {
  const { TRINITY_SEGMENT_BUCKET: bucket, TRINITY_SEGMENT_ENDPOINT: endpoint, AWS_REGION: region, TRINITY_TABLE_PREFIX } = config;
  if (bucket === undefined) return null;
  return { bucket, prefix: `${TRINITY_TABLE_PREFIX}segments/`, region, endpoint, sealedDir: join(localDir, "sealed") };
}

async function openVerification(settings: DynamoSettings, localDir: string, clock: Clock, sleep: Sleep): Promise<VerificationLease> {
  const opened = new AsyncDisposableStack();
  try {
    const leases = openDynamoLeaseStore(settings);
    opened.defer(() => leases.close());
    const lease = await holdLease({ leases, name: "verification", holder: randomUUID(), forMs: verificationForMs, clock, pause: sleep });
    if (lease === null) throw new StoreTakenError("another process verifies or rebuilds these tables; only one may");
    opened.defer(() => lease.release());
    mkdirSync(localDir, { recursive: true, mode: 0o700 });
    const shadowState = openSqliteShadowState(localDir);
    opened.defer(() => shadowState.close());
    return { shadowState, lost: lease.lost, close: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

function dynamoSettingsOf({
  DYNAMODB_ENDPOINT: endpoint,
  AWS_REGION: region,
  TRINITY_TABLE_PREFIX: tablePrefix,
}: StoreConfig): DynamoSettings {
  return { region, tablePrefix, ...(endpoint === undefined ? {} : { endpoint }) };
}
