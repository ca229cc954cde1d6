import { contentRouter } from "./content-router.ts";
import { dashboardRouter } from "./dashboard-router.ts";
import { exploreRouter } from "./explore-router.ts";
import { funnelsRouter } from "./funnels-router.ts";
import { healthRouter } from "./health-router.ts";
import { keysRouter } from "./keys-router.ts";
import { liveRouter } from "./live-router.ts";
import { metricsRouter } from "./metrics-router.ts";
import { pathsRouter } from "./paths-router.ts";
import { roomsRouter } from "./rooms-router.ts";
import { systemRouter } from "./system-router.ts";
import { router } from "./trpc.ts";
import { usersRouter } from "./users-router.ts";

/** Everything that can be asked. REST and the OpenAPI document come from it too. */
export const appRouter = router({
  dashboard: dashboardRouter,
  metrics: metricsRouter,
  users: usersRouter,
  funnels: funnelsRouter,
  paths: pathsRouter,
  rooms: roomsRouter,
  content: contentRouter,
  explore: exploreRouter,
  system: systemRouter,
  health: healthRouter,
  live: liveRouter,
  admin: router({ keys: keysRouter }),
});

/** For typed clients: `createTRPCClient<AppRouter>`. */
export type AppRouter = typeof appRouter;
