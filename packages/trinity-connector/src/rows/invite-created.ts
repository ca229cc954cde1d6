import { known, type MappedFact } from "../mapped-fact.ts";
import { durationOf } from "../read-row.ts";

type Invitation = {
  readonly code: string;
  readonly roomId: string;
  readonly userId: string | undefined;
  readonly atMs: number | undefined;
  readonly expiresAtMs: number | undefined;
};

/** The code admits its holder: only its length is reported, and the event id is a digest. */
export function inviteCreated({ code, roomId, userId, atMs, expiresAtMs }: Invitation): MappedFact {
  const properties = known({ codeLength: code.length, validForMs: durationOf(atMs, expiresAtMs) });
  return { eventType: "invite_created", id: ["invite", code, roomId], atMs, userId, roomId, properties };
}
