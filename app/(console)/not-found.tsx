import type { Metadata } from "next";
import { MissingPage } from "@/components/shell/missing-page";
import { currentSession } from "@/server/http/members";

export const metadata: Metadata = { title: "Nothing here" };

export default async function NotFound() {
  return <MissingPage signedIn={(await currentSession()) !== null} />;
}
