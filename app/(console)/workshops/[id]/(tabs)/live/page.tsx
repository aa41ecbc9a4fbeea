import { redirect } from "next/navigation";
import { LiveBoard } from "@/components/workshops/live-board";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { liveBoard } from "@/server/workshops/views";
import { readWorkshop } from "../../read";

export default async function LivePage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { state, timeZone, startsAt, endsAt, nextAutomatic, sandboxProfile } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "live"));
  const rows = await pageOrNotFound(() => liveBoard(ctx, { workshopId: id }));
  // A board that stays open on the projector goes on to what comes after.
  if (state === "closing") redirect(consolePaths.workshop(id, "closing"));
  if (state !== "open") redirect(consolePaths.workshop(id));
  return (
    <LiveBoard
      workshop={{ id, timeZone, startsAt, endsAt, nextAutomatic, sandbox: sandboxProfile !== null }}
      rows={rows}
    />
  );
}
