import { DomainError, errorStatus } from "@/server/errors";
import { memberContext } from "@/server/http/members";
import { consolePaths } from "@/server/paths";
import { getCleanup } from "@/server/sandboxes/sandboxes";

/** The evidence of a cleanup as a file: what was looked at, found and removed. It names an account and no person. */
export async function GET(_: Request, { params }: { params: Promise<{ cleanupId: string }> }): Promise<Response> {
  const { cleanupId } = await params;
  const ctx = await memberContext(consolePaths.cleanup(cleanupId));
  try {
    const { workshopTitle: _title, accountName: _name, ...evidence } = await getCleanup(ctx, { cleanupId });
    return new Response(`${JSON.stringify(evidence, null, 2)}\n`, {
      headers: {
        "content-type": "application/json; charset=utf-8",
        "content-disposition": `attachment; filename="cleanup-${evidence.awsAccountId}-${evidence.startedAt.slice(0, 10)}-${evidence.id}.json"`,
        "cache-control": "no-store",
      },
    });
  } catch (error) {
    if (error instanceof DomainError) return new Response(error.message, { status: errorStatus[error.code] });
    throw error;
  }
}
