"use server";

import { redirect } from "next/navigation";
import { attendeeToken, publicAction, setAttendeeCookie, visitorContext } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { enterByLink } from "@/server/registrations/registrations";

export const enterAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  const entered = await enterByLink(visitorContext(), { token, browserToken: await attendeeToken() });
  await setAttendeeCookie(entered.browserToken);
  redirect(publicPaths.my(entered.registrationId));
});
