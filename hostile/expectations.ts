import { acknowledgementsOf } from "./acknowledgement.ts";
import type { Expectation, Observation } from "./hostile-case.ts";

/** One refusal of one of these statuses. `closed`: the connection ends with it. */
export function problem(statuses: number | readonly number[], { closed = false } = {}): Expectation {
  const wanted = [statuses].flat();
  return (seen) => [...oneStatus(seen, wanted), ...(closed && seen.closed !== true ? ["the connection stayed open"] : [])];
}

/** No more than one answer, a refusal, and the end of the connection. */
export function cutOff(statuses: readonly number[] = [400]): Expectation {
  return (seen) => {
    if (seen.closed !== true) return ["the connection stayed open"];
    return seen.answers.length === 0 ? [] : oneStatus(seen, statuses);
  };
}

type Stored = { readonly accepted?: number; readonly duplicates?: number; readonly rejected?: readonly string[] };

/** 202, with so many accepted and repeated, and rejections of these codes in order of their events. */
export function stored({ accepted = 0, duplicates = 0, rejected = [] }: Stored): Expectation {
  return (seen) => {
    const [acknowledgement] = acknowledgementsOf(seen);
    if (seen.answers.length !== 1 || acknowledgement === undefined) return [`expected 202, got ${statusesOf(seen)}`];
    const got = { accepted: acknowledgement.accepted, duplicates: acknowledgement.duplicates, rejected: acknowledgement.rejectedCodes };
    const wanted = { accepted, duplicates, rejected };
    return JSON.stringify(got) === JSON.stringify(wanted) ? [] : [`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
  };
}

/** OTLP success with exactly so many records rejected; `code` of the first, and a word to the sender where one is due. */
export function taken({
  rejected = 0,
  code,
  message,
}: {
  readonly rejected?: number;
  readonly code?: string;
  readonly message?: RegExp;
} = {}): Expectation {
  return (seen) => {
    const [acknowledgement] = acknowledgementsOf(seen);
    if (acknowledgement === undefined) return [`expected success, got ${statusesOf(seen)}`];
    const problems: string[] = [];
    if (acknowledgement.rejected !== rejected) problems.push(`expected ${rejected} rejected, got ${acknowledgement.rejected}`);
    if (code !== undefined && !acknowledgement.rejectedCodes.includes(code))
      problems.push(`expected ${code}, got "${acknowledgement.message}"`);
    if (message !== undefined && !message.test(acknowledgement.message)) problems.push(`the sender is told "${acknowledgement.message}"`);
    if (rejected === 0 && message === undefined && acknowledgement.message !== "") problems.push("a word where all was taken");
    return problems;
  };
}

/** A call that ends with one of these gRPC statuses; null where the connection is cut. */
export function grpcEnds(...statuses: readonly (number | null)[]): Expectation {
  return ({ grpc }) =>
    grpc !== undefined && statuses.includes(grpc.status) ? [] : [`expected gRPC ${statuses.join(" or ")}, got ${String(grpc?.status)}`];
}

/** Every answer has one of these statuses, and there are so many of them. */
export function everyAnswer(count: number, statuses: readonly number[]): Expectation {
  return (seen) => {
    const others = seen.answers.filter(({ status }) => !statuses.includes(status));
    if (seen.answers.length !== count) return [`expected ${count} answers, got ${seen.answers.length}`];
    return others.length === 0 ? [] : [`expected ${statuses.join(" or ")}, got ${statusesOf({ answers: others })}`];
  };
}

export function either(...expectations: readonly Expectation[]): Expectation {
  return (seen) => {
    const problems = expectations.map((expectation) => expectation(seen));
    return problems.some((found) => found.length === 0) ? [] : problems.flat();
  };
}

export function both(...expectations: readonly Expectation[]): Expectation {
  return (seen) => expectations.flatMap((expectation) => expectation(seen));
}

function oneStatus(seen: Observation, wanted: readonly number[]): string[] {
  const [answer] = seen.answers;
  return seen.answers.length === 1 && answer !== undefined && wanted.includes(answer.status)
    ? []
    : [`expected ${wanted.join(" or ")}, got ${statusesOf(seen)}`];
}

function statusesOf({ answers, grpc }: Pick<Observation, "answers" | "grpc">): string {
  const statuses = [...answers.map(({ status }) => String(status)), ...(grpc === undefined ? [] : [`gRPC ${grpc.status}`])];
  return statuses.length === 0 ? "no answer" : [...new Set(statuses)].join(", ");
}
