import { redirect } from "next/navigation";
import { ClosingTab } from "@/components/workshops/closing-tab";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { closingTimeline } from "@/server/workshops/views";
import { readWorkshop } from "../../read";

export default async function ClosingPage({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const { state, timeZone } = await readWorkshop(id);
  const ctx = await memberContext(consolePaths.workshop(id, "closing"));
  const rows = await pageOrNotFound(() => closingTimeline(ctx, { workshopId: id }));
  // Before it closes only those accounts are here that were replaced or given back.
  if (rows.length === 0 && state !== "closing" && state !== "closed") redirect(consolePaths.workshop(id));
  return <ClosingTab workshop={{ id, state, timeZone }} rows={rows} />;
}
