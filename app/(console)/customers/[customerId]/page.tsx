import type { Metadata } from "next";
import { CustomerScreen } from "@/components/customers/customer-screen";
import { memberContext } from "@/server/http/members";
import { pageOrNotFound } from "@/server/http/pages";
import { getCustomer } from "@/server/insights/customers";
import { consolePaths } from "@/server/paths";

export const metadata: Metadata = { title: "Customer" };

/** One customer: who of theirs registered for which workshop. */
export default async function Customer({ params }: { params: Promise<{ customerId: string }> }) {
  const { customerId } = await params;
  const ctx = await memberContext(consolePaths.customer(customerId));
  const customer = await pageOrNotFound(() => getCustomer(ctx, { customerId }));
  return <CustomerScreen customer={customer} own={ctx.actor.role === "account_manager"} />;
}
