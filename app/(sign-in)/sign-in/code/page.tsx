import { redirect } from "next/navigation";
import { env } from "@/server/env";
import { pendingSignIn } from "@/server/http/sign-in";
import { codeMinutes } from "@/server/identity/identity";
import { consolePaths } from "@/server/paths";
import { CodeForm } from "./code-form";

export default async function CodePage() {
  const pending = await pendingSignIn();
  if (!pending) redirect(consolePaths.signIn());
  return (
    <>
      <h1>Look into your mail</h1>
      <p>
        If <strong>{pending.email}</strong> belongs to a team, a code is on its way. It works for {codeMinutes} minutes,
        on this page.
      </p>
      {env().ATELIER_MAILBOX_DIR ? (
        <p className="note">
          This is a demo: its mails are in the <a href={consolePaths.mailbox()}>local mailbox</a>.
        </p>
      ) : null}
      <CodeForm codeLength={pending.codeLength} addressPage={consolePaths.signIn()} />
    </>
  );
}
