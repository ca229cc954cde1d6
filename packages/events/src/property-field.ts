import type { z } from "zod";
import type { PropertyField } from "./define-event.ts";

/** A property that reveals nothing about a person. */
export function plain<Schema extends z.ZodType>(schema: Schema, purpose: string): PropertyField<Schema> {
  return { schema, privacy: "plain", purpose };
}

/** A property that narrows down the person when it is combined with others. */
export function quasiIdentifier<Schema extends z.ZodType>(schema: Schema, purpose: string): PropertyField<Schema> {
  return { schema, privacy: "quasi-identifier", purpose };
}
