import { permissionOf, type QuestionName } from "@trinity/query/questions";
import { z } from "zod";
import { waitUntilFresh } from "./fold-wait.ts";
import { type ProcedureMeta, procedure } from "./trpc.ts";

const fresh = z.boolean().default(false).describe("Waits until everything acknowledged before the call is in the answer, up to 5 seconds.");

/** What a procedure declares that asks one kind of question: the kind says what its caller must be allowed to do. */
type QuestionMeta = Omit<ProcedureMeta, "permission"> & { readonly kind: QuestionName };

/** Declares a procedure that answers from what is folded: beside its own input it takes `fresh`, and waits before it is called. */
export function question<Shape extends z.ZodRawShape>({ kind, ...meta }: QuestionMeta, shape: Shape) {
  return procedure({ ...meta, permission: permissionOf(kind) })
    .input(z.strictObject({ ...shape, fresh }))
    .use(async ({ ctx, input, signal, next }) => {
      if ((input as { readonly fresh: boolean }).fresh) await waitUntilFresh(ctx, signal);
      return next();
    });
}

/** The same without input of its own, so that it can be asked without any. */
export function bareQuestion({ kind, ...meta }: QuestionMeta) {
  return procedure({ ...meta, permission: permissionOf(kind) })
    .input(z.strictObject({ fresh }).prefault({}))
    .use(async ({ ctx, input, signal, next }) => {
      if (input.fresh) await waitUntilFresh(ctx, signal);
      return next();
    });
}
