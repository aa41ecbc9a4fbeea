"use server";

import { redirect } from "next/navigation";
import { attendeeToken, publicAction, setAttendeeCookie, visitorContext } from "@/server/http/public";
import { formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { typedAnswers } from "@/server/registrations/answer-fields";
import { acceptHandover, declineHandover } from "@/server/registrations/handover";

export const takeOverAction = publicAction(async (form) => {
  const values = formValues(form);
  const { token = "", name = "", company = "", locale = "en", jobTitle, followUp, timeZone } = values;
  const { registrationId, browserToken } = await acceptHandover(visitorContext(), {
    token,
    form: { name, company, locale, jobTitle, followUp, timeZone, answers: typedAnswers(values) },
    browserToken: await attendeeToken(),
  });
  await setAttendeeCookie(browserToken);
  redirect(publicPaths.my(registrationId));
});

export const declineHandoverAction = publicAction(async (form) => {
  const { token = "" } = formValues(form);
  await declineHandover(visitorContext(), { token });
  redirect(publicPaths.handover(token));
});
