import { hexDigits } from "./identifiers.ts";
import type { ServerSpan } from "./message.ts";
import type { Random, Weighted } from "./random.ts";

type Operation = Pick<ServerSpan, "service" | "route" | "method" | "graphqlType"> & { readonly medianMs: number; readonly sigma: number };

const query = (service: string, route: string, medianMs: number, sigma = 0.45): Operation => ({
  service,
  route,
  graphqlType: "query",
  medianMs,
  sigma,
});
const mutation = (service: string, route: string, medianMs: number, sigma = 0.45): Operation => ({
  service,
  route,
  graphqlType: "mutation",
  medianMs,
  sigma,
});

/** What Trinity's back end serves; medians as measured where Trinity measured them (113 ms a title, 1,414 ms a new room). */
const operations = {
  createRoom: mutation("trinity-room", "createRoom", 1_414, 0.35),
  joinRoomByInvite: mutation("trinity-room", "joinRoomByInvite", 140),
  getRoom: query("trinity-room", "getRoom", 62),
  getUserRooms: query("trinity-room", "getUserRooms", 85),
  validateInvite: { service: "trinity-room", route: "/validate-invite", method: "POST", medianMs: 58, sigma: 0.4 },
  vote: mutation("trinity-vote", "vote", 96, 0.5),
  checkMatchBeforeAction: query("trinity-movie", "checkMatchBeforeAction", 44),
  getNextMovieForUser: query("trinity-movie", "getNextMovieForUser", 113),
  getMovies: query("trinity-movie", "getMovies", 240, 0.6),
  getMovieDetails: query("trinity-movie", "getMovieDetails", 150, 0.6),
  askTrini: query("trinity-ai", "askTrini", 2_600, 0.5),
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** How a request fails; GraphQL reports its own errors with status 200. */
export type RequestFailure = { readonly statusCode: number; readonly code: string; readonly timeOutMs?: number };

const failures: Weighted<RequestFailure> = [
  [{ statusCode: 401, code: "unauthorized" }, 30],
  [{ statusCode: 500, code: "internal_error" }, 30],
  [{ statusCode: 504, code: "network_timeout", timeOutMs: 10_000 }, 20],
  [{ statusCode: 200, code: "resolver_error" }, 20],
];

const requestErrorShare = 0.02;

export function drawFailure(random: Random): RequestFailure | undefined {
  return random.chance(requestErrorShare) ? random.weighted(failures) : undefined;
}

/** @param traceId of the user's action: what one swipe causes shares a trace */
export function drawSpan(
  name: OperationName,
  startMs: number,
  traceId: string,
  failure: RequestFailure | undefined,
  random: Random,
): ServerSpan {
  const { medianMs, sigma, ...operation }: Operation = operations[name];
  return {
    ...operation,
    statusCode: failure?.statusCode ?? 200,
    failed: failure !== undefined,
    startMs,
    durationUs: Math.round(1_000 * (failure?.timeOutMs ?? random.lognormal(medianMs, sigma))),
    traceId,
    spanId: hexDigits(random, 16),
    // The app starts the trace and reports no span itself.
    parentSpanId: hexDigits(random, 16),
  };
}
