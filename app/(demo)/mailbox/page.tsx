import type { Metadata } from "next";
import { type SearchParams, searchParam } from "@/server/http/pages";
import { MailboxView } from "./mailbox-view";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: "Local mailbox · Atelier" };

/** The newest mail is open, so that a code is one glance away. */
export default async function MailboxPage({ searchParams }: { searchParams: SearchParams }) {
  const [search, view] = [await searchParam(searchParams, "q"), await searchParam(searchParams, "view")];
  return <MailboxView mailId={null} search={search ?? ""} view={view === "text" ? "text" : "html"} />;
}
