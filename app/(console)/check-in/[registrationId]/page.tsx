import { notFound, redirect } from "next/navigation";
import { makeContext } from "@/server/context";
import { currentSession } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { findByCode } from "@/server/registrations/registrations";

/**
 * What a phone's own camera opens from an attendee's screen: for a member who keeps the door, that person on the check-in page.
 * Everybody else, the attendee too, gets the page for what does not exist. Opening it checks nobody in.
 */
export default async function CheckInCodePage({ params }: { params: Promise<{ registrationId: string }> }) {
  const { registrationId } = await params;
  const session = await currentSession();
  if (!session) notFound();
  const ctx = makeContext(session.actor);
  const { workshopId } = await pageOrNotFound(() => findByCode(ctx, { code: registrationId }));
  redirect(consolePaths.checkIn(workshopId, registrationId));
}
