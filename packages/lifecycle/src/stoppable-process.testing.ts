/** A process of its own that says "ready", and "stopping" when it is asked to stop; then it exits with 7, or never with the argument `stuck`. */
import { takeStopRequests } from "./stop-requests.ts";

const requests = takeStopRequests({ env: process.env, orphanMaxMs: 200 });
setInterval(() => {}, 60_000);
if (process.argv.includes("starting")) console.log("ready");
else {
  requests.answerWith(() => {
    console.log("stopping");
    if (!process.argv.includes("stuck")) process.exit(7);
  });
  console.log("ready");
}
