import { eventKeyOf } from "@trinity/anonymization/event-key";
import type { Pseudonymiser } from "@trinity/anonymization/pseudonym";
import type { Authenticator } from "@trinity/auth/authenticator";
import { installMethodNotAllowed } from "@trinity/http/method-not-allowed";
import { sendProblem } from "@trinity/http/problem-handling";
import type { EventStore } from "@trinity/storage/event-store";
import type { FastifyInstance } from "fastify";
import { authorise } from "./authorise.ts";

const eventIdForm = /^[\x20-\x7e]{1,64}$/;

/** `GET /v1/events/{eventId}/status`: where that event is. */
export function installStatusRoute(
  app: FastifyInstance,
  store: Pick<EventStore, "eventStatus">,
  pseudonymiser: Pseudonymiser,
  authenticator: Authenticator,
): void {
  const url = "/v1/events/:eventId/status";
  app.get<{ Params: { eventId: string } }>(
    url,
    {
      onRequest: async (request, reply) => ((await authorise(authenticator, "events:status", request, reply)) === null ? reply : undefined),
    },
    async (request, reply) => {
      const { eventId } = request.params;
      if (!eventIdForm.test(eventId)) {
        return sendProblem(request, reply, "invalid-input", {
          errors: [{ path: "eventId", message: "must be 1 to 64 printable ASCII characters" }],
        });
      }
      const status = await store.eventStatus(eventKeyOf(eventId, pseudonymiser));
      return reply.send({
        eventId,
        state: status.state,
        at: status.state === "unknown" ? null : new Date(status.atMs).toISOString(),
        reason: status.state === "rejected" ? status.reason : null,
      });
    },
  );
  installMethodNotAllowed(app, url);
}
