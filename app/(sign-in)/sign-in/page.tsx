import { redirect } from "next/navigation";
import { currentSession, sessionToken } from "@/server/http/members";
import { pendingSignIn } from "@/server/http/sign-in";
import { pathAfterSignIn } from "@/server/paths";
import { AddressForm } from "./address-form";

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[]>>;
}) {
  const { next: wanted } = await searchParams;
  const next = pathAfterSignIn(typeof wanted === "string" ? wanted : "");
  if (await currentSession()) redirect(next);
  const ended = (await sessionToken()) !== null;
  return (
    <>
      <h1>Sign in</h1>
      {ended ? (
        <p className="note" role="status">
          Your session has ended. Sign in again to go on where you were.
        </p>
      ) : null}
      <p>For account managers, solutions architects and admins. A code comes by mail; there is no password.</p>
      <AddressForm next={next} email={(await pendingSignIn())?.email ?? ""} />
      <p className="quiet others">Coming to a workshop? Use the link in the mail that you got.</p>
    </>
  );
}
