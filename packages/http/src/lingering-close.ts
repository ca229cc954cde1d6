import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends a connection whose sender has not finished: sends the last bytes, then reads and drops what still arrives.
 * Closing at once would make the kernel answer the unread bytes with a reset, which costs the sender the answer.
 */
export function closeLingering(socket: Socket, lingerMs: number, lastWords?: string): void {
  if (lastWords === undefined) socket.end();
  else socket.end(lastWords);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

/** Makes the current response close its connection in this way. */
export function lingerAfterResponse(socket: Socket, lingerMs: number): void {
  // node:http calls destroySoon() after a response that said `connection: close`.
  socket.destroySoon = () => closeLingering(socket, lingerMs);
}

/** Whether the rest of the body is too long to read it just to keep the connection. */
export function isBodyTooLongToDrain(request: IncomingMessage, bodyBytesMax: number): boolean {
  if (request.complete) return false;
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > bodyBytesMax;
}
