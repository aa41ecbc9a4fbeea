"use server";

import { redirect } from "next/navigation";
import type { Context } from "@/server/context";
import { DomainError } from "@/server/errors";
import {
  attendeeContext,
  attendeeToken,
  publicAction,
  setAttendeeCookie,
  setLanguageCookie,
  visitorContext,
} from "@/server/http/public";
import { checkOrigin, clientAddress, formValues } from "@/server/http/request";
import { requestCustomerCode } from "@/server/identity/identity";
import { languageOf } from "@/server/languages/kinds";
import { publicPaths } from "@/server/paths";
import type { AttendeeActor } from "@/server/permissions";
import { eraseRegistration } from "@/server/privacy/anonymize";
import { typedAnswers } from "@/server/registrations/answer-fields";
import { changeMyLanguage } from "@/server/registrations/language";
import { cancelRegistration, changeMyData, enterByCode, verifyBrowser } from "@/server/registrations/registrations";
import { newSecret, showSecret, temporaryKeys } from "@/server/sandboxes/sandboxes";

/** The form's values, and the attendee whom this browser may speak for. */
async function attendeeOf(form: FormData): Promise<{ ctx: Context<AttendeeActor>; values: Record<string, string> }> {
  const values = formValues(form);
  const ctx = await attendeeContext(values.registrationId ?? "");
  if (!ctx)
    throw new DomainError(
      "unauthenticated",
      "This browser is not known here any more. Open the link in your mail again.",
      { say: { key: "unauthenticated" } },
    );
  return { ctx, values };
}

export const requestCodeAction = publicAction(async (form) => {
  const { ctx } = await attendeeOf(form);
  const { registrationId } = ctx.actor;
  const { codeLength } = await requestCustomerCode(ctx, { registrationId, clientAddress: await clientAddress() });
  return { codeLength };
});

export const verifyAction = publicAction(async (form) => {
  const { ctx, values } = await attendeeOf(form);
  const browserToken = (await attendeeToken()) ?? "";
  const by = values.by === "facilitator" ? "facilitator" : "mail";
  const input = { code: values.code ?? "", by, browserToken, clientAddress: await clientAddress() } as const;
  await setAttendeeCookie(await verifyBrowser(ctx, input));
  redirect(publicPaths.my(ctx.actor.registrationId));
});

/** For a browser that is not known yet: the code that a facilitator reads out opens the page. */
export const enterByCodeAction = publicAction(async (form) => {
  const { registrationId = "", code = "" } = formValues(form);
  const browserToken = await attendeeToken();
  const entered = await enterByCode(visitorContext(), {
    ...{ registrationId, code, browserToken },
    clientAddress: await clientAddress(),
  });
  await setAttendeeCookie(entered.browserToken);
  redirect(publicPaths.my(entered.registrationId));
});

/** The language of this page, and, from a verified browser, of the mails. */
export async function languageAction(form: FormData): Promise<void> {
  await checkOrigin();
  const { registrationId = "", language: wanted } = formValues(form);
  const language = languageOf(wanted);
  if (language) {
    const ctx = await attendeeContext(registrationId);
    if (ctx?.actor.verified) await changeMyLanguage(ctx, { language });
    await setLanguageCookie(language);
  }
  redirect(publicPaths.my(registrationId));
}

export const changeAction = publicAction(async (form) => {
  const { ctx, values } = await attendeeOf(form);
  const { name = "", company = "", jobTitle, followUp } = values;
  const { registrationId } = ctx.actor;
  const answers = typedAnswers(values);
  await changeMyData(ctx, { registrationId, form: { name, company, jobTitle, followUp, answers } });
  redirect(`${publicPaths.my(registrationId)}?done=changed`);
});

export const cancelAction = publicAction(async (form) => {
  const { ctx } = await attendeeOf(form);
  const { registrationId } = ctx.actor;
  await cancelRegistration(ctx, { registrationId });
  redirect(publicPaths.my(registrationId));
});

export const eraseAction = publicAction(async (form) => {
  const { ctx } = await attendeeOf(form);
  const { registrationId } = ctx.actor;
  await eraseRegistration(ctx, { registrationId });
  redirect(`${publicPaths.my(registrationId)}?done=erased`);
});

export const keysAction = publicAction(async (form) => {
  const { ctx } = await attendeeOf(form);
  return temporaryKeys(ctx, { registrationId: ctx.actor.registrationId });
});

const secretOf = (values: Record<string, string>) => (values.secret === "password" ? "password" : "access_key");

export const showSecretAction = publicAction(async (form) => {
  const { ctx, values } = await attendeeOf(form);
  return showSecret(ctx, { registrationId: ctx.actor.registrationId, secret: secretOf(values) });
});

export const newSecretAction = publicAction(async (form) => {
  const { ctx, values } = await attendeeOf(form);
  return newSecret(ctx, { registrationId: ctx.actor.registrationId, secret: secretOf(values) });
});
