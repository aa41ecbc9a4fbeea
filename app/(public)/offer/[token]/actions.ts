"use server";

import { redirect } from "next/navigation";
import { attendeeToken, publicAction, setAttendeeCookie, visitorContext } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { acceptOffer, declineOffer } from "@/server/registrations/offers";

export const takeOfferAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  const { registrationId, browserToken } = await acceptOffer(visitorContext(), {
    token,
    browserToken: await attendeeToken(),
  });
  await setAttendeeCookie(browserToken);
  redirect(publicPaths.my(registrationId));
});

export const declineOfferAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  await declineOffer(visitorContext(), { token });
  redirect(`${publicPaths.offer(token)}?done=declined`);
});
