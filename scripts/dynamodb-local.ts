/** An empty DynamoDB Local until it is stopped: `npm run dynamodb-local -- --help`. */
import { once } from "node:events";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import { hasJava, startDynamoDbLocal } from "@trinity/dynamodb-local/dynamodb-local";
import { emulatorFolder, installEmulator, isEmulatorIn } from "@trinity/dynamodb-local/install-emulator";

const help = `Runs Amazon's DynamoDB Local on this machine until it is stopped. It starts empty and keeps everything in memory. It needs Java.

  npm run dynamodb-local                   on port 8000
  npm run dynamodb-local -- --port 9000`;

function quit(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(2);
}

const { values } = parseArgs({ options: { help: { type: "boolean", default: false }, port: { type: "string", default: "8000" } } });
const port = Number(values.port);
if (values.help) {
  process.stdout.write(`${help}\n`);
  process.exit(0);
}
if (!Number.isInteger(port) || port < 1 || port > 65_535) quit("--port takes a port, from 1 to 65535");
if (!hasJava(process.env)) quit("there is no Java on this machine: scripts/install-peers.sh installs it");
const folder = emulatorFolder(process.env);
if (!isEmulatorIn(folder)) process.stderr.write("fetching DynamoDB Local into the cache folder, this once\n");
// Any server on the port would be mistaken for it.
const server = createServer()
  .listen(port)
  .once("error", () => quit(`port ${port} is in use: --port takes another`));
await once(server, "listening");
server.close();
try {
  await installEmulator(folder);
  const { endpoint } = await startDynamoDbLocal(process.env, port);
  process.stdout.write(`ready ${endpoint}\n`);
} catch (error) {
  quit((error as Error).message);
}
