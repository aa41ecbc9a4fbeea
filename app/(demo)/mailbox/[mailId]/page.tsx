import type { Metadata } from "next";
import { type SearchParams, searchParam } from "@/server/http/pages";
import { MailboxView } from "../mailbox-view";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: "Mail · Local mailbox · Atelier" };

type Props = { params: Promise<{ mailId: string }>; searchParams: SearchParams };

export default async function MailPage({ params, searchParams }: Props) {
  const { mailId } = await params;
  const [search, view] = [await searchParam(searchParams, "q"), await searchParam(searchParams, "view")];
  return <MailboxView mailId={mailId} search={search ?? ""} view={view === "text" ? "text" : "html"} />;
}
