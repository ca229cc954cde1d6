/** A process of its own that starts DynamoDB Local, says where it is, and does not end. */
import { startDynamoDbLocal } from "./dynamodb-local.testing.ts";

console.log((await startDynamoDbLocal()).endpoint);
setInterval(() => {}, 60_000);
