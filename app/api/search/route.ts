import { makeContext } from "@/server/context";
import { errorStatus } from "@/server/errors";
import { currentSession } from "@/server/http/members";
import { type ActionResult, checkOrigin, failure, parseInput } from "@/server/http/request";
import { searchSchema } from "@/server/insights/schemas";
import { type SearchAnswer, search } from "@/server/insights/search";

/** What the search dialog asks while somebody types. POST, since a name or an address must not stand in a URL. */
export async function POST(request: Request): Promise<Response> {
  try {
    await checkOrigin();
    const session = await currentSession();
    if (!session) {
      const message = "You are signed out. Sign in again to search.";
      return answer({ ok: false, code: "unauthenticated", message, fields: {} });
    }
    const input = parseInput(searchSchema, await request.json().catch(() => null));
    return answer({ ok: true, value: await search(makeContext(session.actor), input) });
  } catch (error) {
    return answer(failure(error));
  }
}

function answer(result: ActionResult<SearchAnswer>): Response {
  const status = result.ok ? 200 : result.code === "bug" ? 500 : errorStatus[result.code as keyof typeof errorStatus];
  return Response.json(result, { status: status ?? 500, headers: { "cache-control": "no-store" } });
}
