import { type DimensionName, dimensionNames } from "@trinity/aggregation/dimension";
import type { Asked } from "@trinity/query/answer-metrics";
import { overflowedDimensions } from "@trinity/query/reads/overflowed-dimensions";
import { z } from "zod";
import type { Context } from "./context.ts";
import { parseFilters } from "./filter-text.ts";
import { waitUntilFresh } from "./fold-wait.ts";
import { overflowed } from "./metric-answer.ts";
import { parseRange, parseSegmentText } from "./metric-question.ts";
import { type ProcedureMeta, procedure } from "./trpc.ts";

const fresh = z.boolean().default(false).describe("Waits until everything acknowledged before the call is in the answer, up to 5 seconds.");

type Range = { readonly fromMs: number; readonly toMs: number };

/** What an answer is counted from, so that it can name dimensions of the question that overflowed. */
export type Counted = {
  /** Metrics about the facts that it counts, with the dimensions that it breaks them down by itself. */
  readonly counts: readonly Asked[];
  /** How far it looks; not beyond its range unless told otherwise. */
  readonly checkedRange?: (range: Range, input: Readonly<Record<string, unknown>>, nowMs: number) => Range;
};

/** Declares a procedure that answers from what is folded: beside its own input it takes `fresh`, and waits before it is called. */
export function question<Shape extends z.ZodRawShape>(meta: ProcedureMeta, shape: Shape) {
  return procedure(meta)
    .input(z.strictObject({ ...shape, fresh }))
    .use(async ({ ctx, input, signal, next }) => {
      if ((input as { readonly fresh: boolean }).fresh) await waitUntilFresh(ctx, signal);
      return next();
    });
}

/** The same for facts that have limited dimensions: the answer names those of the question that overflowed. */
export function countedQuestion<Shape extends z.ZodRawShape>(
  { answer, ...meta }: ProcedureMeta & { readonly answer: z.ZodObject },
  counted: Counted,
  shape: Shape,
) {
  const asked = question({ ...meta, answer: answer.extend({ overflowed }) }, shape);
  type Options = Parameters<Parameters<typeof asked.query>[0]>[0];
  return {
    query: <Answer extends object>(resolve: (options: Options) => Answer | Promise<Answer>) =>
      asked.query(async (options) => {
        const found = await resolve(options as Options);
        return { ...found, ...named(await overflowedIn(options.ctx, counted, options.input as Readonly<Record<string, unknown>>)) };
      }),
  };
}

/** @returns what an answer says of dimensions that overflowed: nothing where none did */
export function named(names: readonly string[]): { readonly overflowed?: readonly string[] } {
  return names.length === 0 ? {} : { overflowed: names };
}

/** The same without input of its own, so that it can be asked without any. */
export function bareQuestion(meta: ProcedureMeta) {
  return procedure(meta)
    .input(z.strictObject({ fresh }).prefault({}))
    .use(async ({ ctx, input, signal, next }) => {
      if (input.fresh) await waitUntilFresh(ctx, signal);
      return next();
    });
}

/** @param input of a question that was answered, so all of it can be read */
async function overflowedIn({ store, clock }: Context, { counts, checkedRange }: Counted, input: Readonly<Record<string, unknown>>) {
  const { from, to, tz, filter = [], segment: text, by = [] } = input as unknown as Asking;
  const range = parseRange({ from, to, tz });
  const filters = parseFilters(filter);
  const segment = text === undefined ? undefined : parseSegmentText(text);
  if ("slug" in range || "message" in filters || (segment !== undefined && "slug" in segment)) return [];
  const nowMs = clock.nowMs();
  const scope = { ...range, timeZone: tz, filters, ...(segment === undefined ? {} : { segment }) };
  const dimensions = [by].flat().filter((name): name is DimensionName => (dimensionNames as readonly string[]).includes(name));
  return overflowedDimensions(store, { scope, counts, by: dimensions, checkedRange: checkedRange?.(range, input, nowMs) ?? range }, nowMs);
}

/** What questions that count have in common, as far as they take it. */
type Asking = {
  readonly from: string;
  readonly to: string;
  readonly tz: string;
  readonly filter?: readonly string[];
  readonly segment?: string;
  readonly by?: string | readonly string[];
};
