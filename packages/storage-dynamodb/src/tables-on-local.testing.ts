import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { clientConfigOf } from "./client/dynamo.ts";
import { tableDefinitions } from "./tables.ts";

let prefixes = 0;

/** Creates new, empty tables. @returns their endpoint, region and prefix */
export async function newTables(
  endpoint: string,
): Promise<{ readonly endpoint: string; readonly region: string; readonly tablePrefix: string }> {
  const tablePrefix = `test-${process.pid}-${prefixes++}-`;
  const client = new DynamoDBClient(clientConfigOf(endpoint, "eu-west-1"));
  await Promise.all(tableDefinitions(tablePrefix).map((definition) => client.send(new CreateTableCommand(definition))));
  client.destroy();
  return { endpoint, region: "eu-west-1", tablePrefix };
}
