import { DomainError } from "@/server/errors";
import { attendeeContext } from "@/server/http/public";
import { checkOrigin } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { consoleEntry } from "@/server/sandboxes/sandboxes";

const head = { "cache-control": "no-store", "referrer-policy": "no-referrer" };

/** "Open the console": makes the sign-in link at this click and goes there; a plain form, so it opens without script. */
export async function POST(_request: Request, { params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const my = publicPaths.my(registrationId);
  try {
    await checkOrigin();
    const ctx = await attendeeContext(registrationId);
    if (!ctx) return new Response(null, { status: 303, headers: { ...head, location: my } });
    const { url } = await consoleEntry(ctx, { registrationId });
    return new Response(null, { status: 303, headers: { ...head, location: url } });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return new Response(null, { status: 303, headers: { ...head, location: `${my}?trouble=${error.code}` } });
  }
}
