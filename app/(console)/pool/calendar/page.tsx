import type { Metadata } from "next";
import { CalendarScreen } from "@/components/pool/calendar-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound, type SearchParams, searchParam } from "@/server/http/pages";
import { consolePaths } from "@/server/paths";
import { poolCalendar } from "@/server/sandboxes/sandboxes";

export const metadata: Metadata = { title: "Calendar of the pool" };

/** For which dates the team's accounts are promised, and where they are too few. */
export default async function PoolCalendarPage(props: { searchParams: SearchParams }) {
  const month = await searchParam(props.searchParams, "month");
  const ctx = await memberContext(consolePaths.poolCalendar());
  const calendar = await pageOrNotFound(() => poolCalendar(ctx, { month }));
  return <CalendarScreen calendar={calendar} />;
}
