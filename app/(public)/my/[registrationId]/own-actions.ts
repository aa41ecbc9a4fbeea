"use server";

import { redirect } from "next/navigation";
import type { Context } from "@/server/context";
import { DomainError } from "@/server/errors";
import { attendeeContext, publicAction } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import type { AttendeeActor } from "@/server/permissions";
import { startHandover, withdrawHandover } from "@/server/registrations/handover";
import { answerMyOffer } from "@/server/registrations/offers";

/** What a verified attendee does with their seat: answer an offer, hand it over. */
async function self(form: FormData): Promise<{ ctx: Context<AttendeeActor>; values: Record<string, string> }> {
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

export const takeMyOfferAction = publicAction(async (form) => {
  const { ctx } = await self(form);
  await answerMyOffer(ctx, { answer: "take" });
  redirect(publicPaths.my(ctx.actor.registrationId));
});

export const declineMyOfferAction = publicAction(async (form) => {
  const { ctx } = await self(form);
  await answerMyOffer(ctx, { answer: "decline" });
  redirect(publicPaths.my(ctx.actor.registrationId));
});

export const handOverAction = publicAction(async (form) => {
  const { ctx, values } = await self(form);
  const { name = "", email = "", locale = "en" } = values;
  await startHandover(ctx, { form: { name, email, locale } });
  redirect(publicPaths.my(ctx.actor.registrationId));
});

export const withdrawHandoverAction = publicAction(async (form) => {
  const { ctx } = await self(form);
  await withdrawHandover(ctx);
  redirect(publicPaths.my(ctx.actor.registrationId));
});
