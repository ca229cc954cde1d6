import type { z } from "zod";
import type { PropertyField } from "./define-event.ts";

/** A property that tells nothing about a person. */
export function plain<Schema extends z.ZodType>(schema: Schema, purpose: string): PropertyField<Schema> {
  return { schema, privacy: "plain", purpose };
}

/** A property that narrows down who it was when it is combined with others. */
export function quasiIdentifier<Schema extends z.ZodType>(schema: Schema, purpose: string): PropertyField<Schema> {
  return { schema, privacy: "quasi-identifier", purpose };
}
