/** The limits of one connection, header or body. */
export type ServerLimits = {
  /** Time for a complete request to arrive. */
  readonly requestTimeoutMs: number;
  /** Time for its header to arrive. */
  readonly headersTimeoutMs: number;
  /** How often the two above are checked. */
  readonly connectionsCheckingIntervalMs: number;
  /** Longer than the 60 s of common load balancers, so that they close first. */
  readonly keepAliveTimeoutMs: number;
  /** How long a refused connection is still read from, so that its answer gets through. */
  readonly lingerMs: number;
  readonly connectionsMax: number;
  /** Request line and header fields together. */
  readonly headerBytesMax: number;
  readonly headersMax: number;
  /** One parameter of a path. tRPC joins the names of a batch into one: limit the batch before raising this. */
  readonly paramCharsMax: number;
  /** A route may set its own. */
  readonly bodyBytesMax: number;
};

/** Node and Fastify wait for ever by default: a half-sent body would be kept until the process ends. */
export const serverLimits: ServerLimits = {
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 15_000,
  connectionsCheckingIntervalMs: 5_000,
  keepAliveTimeoutMs: 72_000,
  lingerMs: 1_000,
  connectionsMax: 5_000,
  headerBytesMax: 16 * 1024,
  headersMax: 100,
  paramCharsMax: 200,
  bodyBytesMax: 1024 * 1024,
};
