"use server";

import { redirect } from "next/navigation";
import { publicAction, visitorContext } from "@/server/http/public";
import { setRegistrationReceipt } from "@/server/http/receipt";
import { clientAddress, formValues } from "@/server/http/request";
import { publicPaths } from "@/server/paths";
import { register } from "@/server/registrations/registrations";

export const registerAction = publicAction(async (form) => {
  const { token = "", name, email, company, ...rest } = formValues(form);
  const typed = { ...rest, name: name ?? "", email: email ?? "", company: company ?? "", locale: "en" };
  const { receiptId, receipt } = await register(visitorContext(), {
    token,
    form: typed,
    clientAddress: await clientAddress(),
  });
  await setRegistrationReceipt(receipt);
  redirect(publicPaths.checkMail(receiptId));
});
