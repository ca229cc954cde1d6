import { acknowledgementsOf } from "./acknowledgement.ts";
import type { Expectation, Observation } from "./hostile-case.ts";

/** One error with one of these statuses. `closed`: the connection closes after it. */
export function problem(statuses: number | readonly number[], { closed = false } = {}): Expectation {
  const wanted = [statuses].flat();
  return (seen) => [...oneStatus(seen, wanted), ...(closed && seen.closed !== true ? ["the connection stayed open"] : [])];
}

/** The connection closes, after at most one answer, which is an error. */
export function cutOff(statuses: readonly number[] = [400]): Expectation {
  return (seen) => {
    if (seen.closed !== true) return ["the connection stayed open"];
    return seen.answers.length === 0 ? [] : oneStatus(seen, statuses);
  };
}

type Stored = { readonly accepted?: number; readonly duplicates?: number; readonly rejected?: readonly string[] };

/** 202 with these numbers of accepted and repeated events, and rejections with these codes in the order of the events. */
export function stored({ accepted = 0, duplicates = 0, rejected = [] }: Stored): Expectation {
  return (seen) => {
    const [acknowledgement] = acknowledgementsOf(seen);
    if (seen.answers.length !== 1 || acknowledgement === undefined) return [`expected 202, got ${statusesOf(seen)}`];
    const got = { accepted: acknowledgement.accepted, duplicates: acknowledgement.duplicates, rejected: acknowledgement.rejectedCodes };
    const wanted = { accepted, duplicates, rejected };
    return JSON.stringify(got) === JSON.stringify(wanted) ? [] : [`expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`];
  };
}

/** OTLP success with this number of rejected records. `code`: that of the first one. `message`: the message to the sender must match. */
export function otlpAccepted({
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
    if (message !== undefined && !message.test(acknowledgement.message))
      problems.push(`the message to the sender is "${acknowledgement.message}"`);
    if (rejected === 0 && message === undefined && acknowledgement.message !== "")
      problems.push("a message although all records were accepted");
    return problems;
  };
}

/** A call that ends with one of these gRPC statuses; null if the connection was closed without one. */
export function grpcEnds(...statuses: readonly (number | null)[]): Expectation {
  return ({ grpc }) =>
    grpc !== undefined && statuses.includes(grpc.status) ? [] : [`expected gRPC ${statuses.join(" or ")}, got ${String(grpc?.status)}`];
}

/** There are `count` answers, and each has one of these statuses. */
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
