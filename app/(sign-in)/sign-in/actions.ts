"use server";

import { redirect } from "next/navigation";
import { sessionToken, setSessionCookie } from "@/server/http/members";
import { publicAction, visitorContext } from "@/server/http/public";
import { clientAddress } from "@/server/http/request";
import { clearPendingSignIn, pendingSignIn, setPendingSignIn } from "@/server/http/sign-in";
import { finishSignIn, requestSignIn, signOut } from "@/server/identity/identity";
import { consolePaths, pathAfterSignIn } from "@/server/paths";

const text = (form: FormData, name: string) => String(form.get(name) ?? "");

async function send(email: string, next: string): Promise<void> {
  const asked = await requestSignIn(visitorContext(), { email, clientAddress: await clientAddress() });
  await setPendingSignIn({ ...asked, email: email.trim(), next: pathAfterSignIn(next) });
}

/** First page: the address. */
export const askForCode = publicAction(async (form) => {
  await send(text(form, "email"), text(form, "next"));
  redirect(consolePaths.signInCode());
}, "en");

/** Second page: the code. The session that this browser had before ends with the new one. */
export const enterCode = publicAction(async (form) => {
  const pending = await pendingSignIn();
  if (!pending) redirect(consolePaths.signIn());
  const ctx = visitorContext();
  const before = await sessionToken();
  const token = await finishSignIn(ctx, {
    attemptId: pending.attemptId,
    code: text(form, "code"),
    clientAddress: await clientAddress(),
  });
  if (before) await signOut(ctx, { token: before });
  await setSessionCookie(token);
  await clearPendingSignIn();
  redirect(pending.next);
}, "en");

/** Second page, the other button: a new code for the same address. */
export const sendAgain = publicAction(async () => {
  const pending = await pendingSignIn();
  if (!pending) redirect(consolePaths.signIn());
  await send(pending.email, pending.next);
  return { sentAgain: true };
}, "en");
