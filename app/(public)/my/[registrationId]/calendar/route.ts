import { DomainError } from "@/server/errors";
import { attendeeContext, words } from "@/server/http/public";
import { calendarEntry } from "@/server/registrations/registrations";

/** The calendar entry as a file, for a browser that entered; it names nobody. */
export async function GET(_request: Request, { params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const ctx = await attendeeContext(registrationId);
  if (!ctx) return new Response((await words("my"))("calendarFirst"), { status: 404 });
  try {
    const entry = await calendarEntry(ctx, { registrationId });
    return new Response(entry, {
      headers: {
        "content-type": "text/calendar; charset=utf-8",
        "content-disposition": 'attachment; filename="workshop.ics"',
        "cache-control": "private, no-store",
      },
    });
  } catch (error) {
    if (error instanceof DomainError) return new Response((await words("times"))("notFixed"), { status: 404 });
    throw error;
  }
}
