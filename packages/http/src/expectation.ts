import type { IncomingMessage, ServerResponse } from "node:http";
import { lingerAfterResponse } from "./lingering-close.ts";
import { problem, problemContentType } from "./problem.ts";

/** Answers an `Expect` header other than `100-continue`; node:http would do so without a body and keep waiting for one. */
export function answerExpectation(request: IncomingMessage, response: ServerResponse, traceId: string, lingerMs: number): void {
  const body = problem("expectation-failed", { traceId });
  lingerAfterResponse(request.socket, lingerMs);
  const json = JSON.stringify(body);
  const headers = { "content-type": problemContentType, "content-length": Buffer.byteLength(json), connection: "close" };
  response.writeHead(body.status, headers).end(json);
}
