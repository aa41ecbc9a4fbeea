"use server";

import { redirect } from "next/navigation";
import { attendeeToken, publicAction, setAttendeeCookie, visitorContext } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { confirm } from "@/server/registrations/registrations";

export const confirmAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  const { registrationId, browserToken } = await confirm(visitorContext(), {
    token,
    browserToken: await attendeeToken(),
  });
  await setAttendeeCookie(browserToken);
  redirect(publicPaths.my(registrationId));
});
