import type { Metadata } from "next";
import { AddressesScreen } from "@/components/mail/addresses-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listSuppressed } from "@/server/mail/suppression";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Addresses held back" };

/** Addresses to which the team does not write, with the reason and the way back. */
export default async function Addresses() {
  const ctx = await memberContext(consolePaths.mailAddresses());
  const { rows, mayRemove } = await pageOrNotFound(() => listSuppressed(ctx));
  return (
    <AddressesScreen
      rows={rows.map(({ since, ...row }) => ({ ...row, since: since.toISOString() }))}
      mayRemove={mayRemove}
    />
  );
}
