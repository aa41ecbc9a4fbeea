import { DomainError } from "@/server/errors";
import { attendeeContext } from "@/server/http/public";
import { checkOrigin } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { exportMyData } from "@/server/privacy/export";

const head = { "cache-control": "private, no-store", "referrer-policy": "no-referrer" };

/** Everything that is held about the attendee, as a file; for a verified browser. A plain form, so it works without script. */
export async function POST(_request: Request, { params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const back = (trouble?: string) => {
    const location = `${publicPaths.my(registrationId)}${trouble ? `?trouble=${trouble}` : ""}`;
    return new Response(null, { status: 303, headers: { ...head, location } });
  };
  try {
    await checkOrigin();
    const ctx = await attendeeContext(registrationId);
    if (!ctx) return back();
    const data = await exportMyData(ctx);
    return new Response(`${JSON.stringify(data, null, 2)}\n`, {
      headers: {
        ...head,
        "content-type": "application/json; charset=utf-8",
        "content-disposition": 'attachment; filename="my-data.json"',
      },
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return back(error.code);
  }
}
