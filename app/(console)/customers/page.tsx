import type { Metadata } from "next";
import { CustomersScreen } from "@/components/customers/customers-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { listCustomers } from "@/server/insights/customers";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Customers" };

/** The companies whose people attend, with their figures. */
export default async function Customers() {
  const ctx = await memberContext(consolePaths.customers());
  const customers = await pageOrNotFound(() => listCustomers(ctx));
  return <CustomersScreen customers={customers} own={ctx.actor.role === "account_manager"} />;
}
