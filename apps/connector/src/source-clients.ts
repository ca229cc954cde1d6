import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";

/** Clients of Trinity's tables and their streams. They only read; the SDK finds credentials in the environment. */
export type SourceClients = { readonly tables: DynamoDBClient; readonly streams: DynamoDBStreamsClient };

export function createSourceClients(region: string, endpoint: string | undefined): SourceClients {
  const settings = endpoint === undefined ? { region } : { region, endpoint };
  return { tables: new DynamoDBClient(settings), streams: new DynamoDBStreamsClient(settings) };
}
