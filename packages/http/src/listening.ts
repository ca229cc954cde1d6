import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * @param address `host` is one address, not a name: a name with several makes Fastify open servers without our limits;
 * port 0 picks a free one
 * @returns where it listens
 */
export async function listen(
  app: FastifyInstance,
  address: { readonly host: string; readonly port: number },
): Promise<{ readonly url: string; readonly port: number }> {
  await app.listen({ ...address, listenTextResolver: (url) => `listening at ${url}` });
  const { port, family, address: host } = app.server.address() as AddressInfo;
  return { url: `http://${family === "IPv6" ? `[${host}]` : host}:${port}`, port };
}

/**
 * Stops accepting connections, lets running requests finish, and cuts off the rest at the deadline.
 * @returns whether anything was cut off
 */
export async function closeWithin(app: FastifyInstance, deadlineMs: number): Promise<"drained" | "cut off"> {
  let outcome: "drained" | "cut off" = "drained";
  const timer = setTimeout(() => {
    outcome = "cut off";
    app.server.closeAllConnections();
  }, deadlineMs);
  try {
    await app.close();
  } finally {
    clearTimeout(timer);
  }
  return outcome;
}
