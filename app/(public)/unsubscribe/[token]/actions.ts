"use server";

import { redirect } from "next/navigation";
import { publicAction, visitorContext } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { resubscribe, unsubscribe } from "@/server/mail/unsubscribe";
import { publicPaths } from "@/server/paths";

export const unsubscribeAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  await unsubscribe(visitorContext(), { token });
  redirect(publicPaths.unsubscribe(token));
});

export const resubscribeAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  await resubscribe(visitorContext(), { token });
  redirect(publicPaths.unsubscribe(token));
});
