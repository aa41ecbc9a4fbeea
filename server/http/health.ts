import { database } from "@/server/db";

/**
 * For load balancers and start scripts: 200 while the web can reach its database, else 503. Says nothing about the
 * installation.
 */
export async function health(): Promise<Response> {
  const headers = { "cache-control": "no-store" };
  try {
    await database().db.$queryRaw`select 1`;
    return Response.json({ status: "ok" }, { headers });
  } catch {
    return Response.json({ status: "unavailable" }, { status: 503, headers });
  }
}
