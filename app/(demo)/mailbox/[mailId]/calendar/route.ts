import { DomainError } from "@/server/errors";
import { visitorContext } from "@/server/http/public";
import { readLocalMail } from "@/server/mail/mailbox";

export const dynamic = "force-dynamic";

/** The calendar entry that a mail of the local mailbox carries, as a file. */
export async function GET(_request: Request, { params }: { params: Promise<{ mailId: string }> }): Promise<Response> {
  const { mailId } = await params;
  try {
    const { calendar } = await readLocalMail(visitorContext(), { id: mailId });
    if (calendar === null) return new Response("This mail carries no calendar entry.", { status: 404 });
    return new Response(calendar, {
      headers: {
        "content-type": "text/calendar; charset=utf-8",
        "content-disposition": 'attachment; filename="workshop.ics"',
        "cache-control": "no-store",
      },
    });
  } catch (error) {
    if (error instanceof DomainError) return new Response(error.message, { status: 404 });
    throw error;
  }
}
