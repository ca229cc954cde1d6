import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A local port that forwards to another one and can be closed, so that connections are refused. */
export type ClosablePort = { readonly endpoint: string; close(): Promise<void>; open(): Promise<void> };

/** @param target such as `http://127.0.0.1:8000` */
export async function openClosablePort(target: string): Promise<ClosablePort> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), hostname);
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      // The other end is closed with it.
      socket.once("error", () => void [incoming, outgoing].map((one) => one.destroy()));
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  const listen = async (on: number) => {
    server.listen(on, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  };
  const own = await listen(0);
  return {
    endpoint: `http://127.0.0.1:${own}`,
    open: async () => void (await listen(own)),
    async close() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
  };
}
