import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { closeLingering } from "./lingering-close.ts";
import { type Problem, problem, problemContentType } from "./problem.ts";
import type { ProblemSlug } from "./problem-type.ts";

/** Why node:http gave up on a connection before or beside the routes. */
export type ClientErrorSlug = Extract<ProblemSlug, "malformed-request" | "request-timeout" | "too-large" | "headers-too-large">;

export type ClientErrorSettings = {
  readonly lingerMs: number;
  readonly newTraceId: () => string;
  /** Called once for each rejected connection, for the ingest counts. */
  readonly onProblem: (slug: ClientErrorSlug) => void;
  /** @returns the body to send, with the fields that the caller's surfaces add to problem details */
  readonly bodyOf: (problem: Problem) => Problem;
};

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse };

/**
 * Answers requests that the HTTP parser rejects (smuggling, noise, oversized headers, time-outs) with problem details, and closes.
 * A connection gets at most one answer for each request.
 */
export function createClientErrorHandler({ lingerMs, newTraceId, onProblem, bodyOf }: ClientErrorSettings) {
  const latest = new WeakMap<Socket, Exchange>();
  const answered = new WeakSet<Socket>();

  function answerProblem(socket: Socket, slug: ClientErrorSlug): void {
    onProblem(slug);
    if (socket.writable) closeLingering(socket, lingerMs, rawAnswer(bodyOf(problem(slug, { traceId: newTraceId() }))));
    else socket.destroy();
  }

  function cutOff(socket: Socket, slug: ClientErrorSlug): void {
    onProblem(slug);
    socket.destroy();
  }

  return {
    /** Observes every request, to know which answer is missing when its connection fails. */
    watch(server: Server): void {
      server.prependListener("request", (request, response) => latest.set(request.socket, { request, response }));
    },

    handle(error: NodeJS.ErrnoException, socket: Socket): void {
      if (answered.has(socket)) return; // bytes that arrive while lingering fail again
      if (error.code === "ECONNRESET" || error.code === "EPIPE" || socket.destroyed) {
        socket.destroy();
        return;
      }
      answered.add(socket);
      const slug = slugOf(error.code);
      const { request, response } = latest.get(socket) ?? {};
      if (request === undefined || response === undefined)
        answerProblem(socket, slug); // the first request already
      else if (!request.complete && response.headersSent)
        cutOff(socket, slug); // answered early; the rest of its body is broken
      else if (!request.complete || response.writableFinished)
        answerProblem(socket, slug); // inside a body, or after an answer
      else response.once("finish", () => answerProblem(socket, slug)); // the answer to the previous request goes first
    },
  };
}

function slugOf(code: string | undefined): ClientErrorSlug {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return "headers-too-large";
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return "too-large";
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return "request-timeout";
    default:
      return "malformed-request";
  }
}

function rawAnswer(body: Problem): string {
  const json = JSON.stringify(body);
  return [
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status]}`,
    `content-type: ${problemContentType}`,
    `content-length: ${Buffer.byteLength(json)}`,
    "connection: close",
    "",
    json,
  ].join("\r\n");
}
