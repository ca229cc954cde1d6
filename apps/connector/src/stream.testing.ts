import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";

export type TestRecord = {
  readonly eventName: "INSERT";
  readonly dynamodb: { readonly SequenceNumber: string; readonly NewImage: object };
};

type TestShard = { readonly parent: string | null; readonly records: TestRecord[]; closed: boolean; trimmedBelow: number };

/** A stream that tests write, with the interface of the SDK's client. Iterators are `shard/index`. */
export type TestStream = {
  readonly client: Pick<DynamoDBStreamsClient, "send">;
  /** The requests, such as `GetRecords shard-1/0`. */
  readonly asked: string[];
  addShard(shardId: string, parent?: string | null): void;
  put(shardId: string, ...numbers: readonly number[]): void;
  close(shardId: string): void;
  /** Forgets records below a number. */
  trim(shardId: string, below: number): void;
  /** The next call fails with an error of this name. */
  failNext(name: string): void;
};

const pageSize = 2;

export function createTestStream(): TestStream {
  const shards = new Map<string, TestShard>();
  const failures: string[] = [];
  const asked: string[] = [];
  const shardOf = (shardId: string) => {
    const shard = shards.get(shardId);
    if (shard === undefined) throw named("ResourceNotFoundException");
    return shard;
  };

  const answers: Readonly<Record<string, (input: Record<string, string>) => object>> = {
    DescribeStreamCommand: () => ({
      StreamDescription: {
        Shards: [...shards].map(([ShardId, { parent }]) => ({ ShardId, ...(parent === null ? {} : { ParentShardId: parent }) })),
      },
    }),
    GetShardIteratorCommand({ ShardId = "", SequenceNumber, ShardIteratorType }) {
      const { records, trimmedBelow } = shardOf(ShardId);
      const number = Number(SequenceNumber);
      if (ShardIteratorType === "TRIM_HORIZON") return { ShardIterator: `${ShardId}/0` };
      if (number < trimmedBelow) throw named("TrimmedDataAccessException");
      return { ShardIterator: `${ShardId}/${records.filter(({ dynamodb }) => Number(dynamodb.SequenceNumber) <= number).length}` };
    },
    GetRecordsCommand({ ShardIterator = "" }) {
      const [shardId = "", from = ""] = ShardIterator.split("/");
      const { records, closed } = shardOf(shardId);
      const end = Math.min(records.length, Number(from) + pageSize);
      const isOver = closed && end === records.length;
      return { Records: records.slice(Number(from), end), ...(isOver ? {} : { NextShardIterator: `${shardId}/${end}` }) };
    },
  };

  async function send(command: { readonly input: Record<string, string> }): Promise<object> {
    const name = command.constructor.name;
    asked.push(`${name.replace("Command", "")} ${command.input["ShardIterator"] ?? command.input["ShardIteratorType"] ?? ""}`.trim());
    const failure = failures.shift();
    if (failure !== undefined) throw named(failure);
    const answer = answers[name];
    if (answer === undefined) throw new TypeError(name);
    return answer(command.input);
  }

  return {
    client: { send: send as unknown as DynamoDBStreamsClient["send"] },
    asked,
    addShard: (shardId, parent = null) => void shards.set(shardId, { parent, records: [], closed: false, trimmedBelow: 0 }),
    put: (shardId, ...numbers) => void shardOf(shardId).records.push(...numbers.map(recordOf)),
    close: (shardId) => void (shardOf(shardId).closed = true),
    trim(shardId, below) {
      const shard = shardOf(shardId);
      shard.records.splice(
        0,
        shard.records.findIndex(({ dynamodb }) => Number(dynamodb.SequenceNumber) >= below),
      );
      shard.trimmedBelow = below;
    },
    failNext: (name) => void failures.push(name),
  };
}

const recordOf = (number: number): TestRecord => ({ eventName: "INSERT", dynamodb: { SequenceNumber: `${number}`, NewImage: {} } });

export const numbersOf = (records: readonly unknown[]) => records.map((record) => Number((record as TestRecord).dynamodb.SequenceNumber));

function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
