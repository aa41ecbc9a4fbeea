import type { Instrumentation } from "next";

/**
 * A request that crashed: the log gets the digest that the error page shows as its reference. The address stays out, since
 * it may hold a token; the name of the route is enough.
 */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  // Next builds this file for its edge runtime too, where the log's modules do not exist.
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { logger } = await import("@/server/context");
    const reference = (error as { digest?: string }).digest ?? null;
    logger().error(
      { reference, route: context.routePath, routeType: context.routeType, method: request.method, err: error },
      "request failed",
    );
  }
};
