import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";

/** The two services behind Trinity's tables. They read only; credentials come from the environment as the SDK finds them. */
export type SourceClients = { readonly tables: DynamoDBClient; readonly streams: DynamoDBStreamsClient };

export function createSourceClients(region: string, endpoint: string | undefined): SourceClients {
  const settings = endpoint === undefined ? { region } : { region, endpoint };
  return { tables: new DynamoDBClient(settings), streams: new DynamoDBStreamsClient(settings) };
}
