/** A child for tests: what it does is in the request. */
import { answerParent } from "./answer-parent.ts";

export type EchoRequest =
  /** Sends the numbers up to this one as parts, and replies how many it could send. */
  | { readonly kind: "count"; readonly to: number }
  | { readonly kind: "wait" }
  | { readonly kind: "trouble"; readonly trouble: string }
  | { readonly kind: "exit" };

const tell = answerParent<EchoRequest, number, string>(async (request, call) => {
  if (request.kind === "exit") process.exit(1);
  if (request.kind === "trouble") tell(request.trouble);
  if (request.kind === "wait") await new Promise((resolve) => call.signal.addEventListener("abort", resolve));
  if (request.kind !== "count") return request.kind;
  for (let n = 1; n <= request.to; n++) {
    try {
      await call.send(n);
    } catch {
      return `given up after ${n - 1}`;
    }
  }
  return `all ${request.to}`;
});
