"use server";

import { redirect } from "next/navigation";
import { DomainError } from "@/server/errors";
import { publicAction, visitorContext } from "@/server/http/public";
import { setRegistrationReceipt } from "@/server/http/receipt";
import { checkOrigin, clientAddress, formValues } from "@/server/http/request";
import { declineInvite } from "@/server/invites/invites";
import { publicPaths } from "@/server/paths";
import { typedAnswers } from "@/server/registrations/answer-fields";
import { register } from "@/server/registrations/registrations";

export const registerAction = publicAction(async (form) => {
  const { token = "", name, email, company, locale, ...rest } = formValues(form);
  const typed = {
    ...{ ...rest, name: name ?? "", email: email ?? "", company: company ?? "", locale: locale ?? "en" },
    answers: typedAnswers(rest),
  };
  const { receiptId, receipt } = await register(visitorContext(), {
    token,
    form: typed,
    clientAddress: await clientAddress(),
  });
  await setRegistrationReceipt(receipt);
  redirect(publicPaths.checkMail(receiptId));
});

/** "Not for me". What stands in its way is said by the page itself, which shows the invitation as it is now. */
export async function declineAction(form: FormData): Promise<void> {
  await checkOrigin();
  const { token = "" } = formValues(form);
  try {
    await declineInvite(visitorContext(), { token });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
  }
  redirect(publicPaths.invite(token));
}
