"use server";

import { DomainError } from "@/server/errors";
import { publicAction, visitorContext } from "@/server/http/public";
import { registrationReceipt } from "@/server/http/receipt";
import { clientAddress } from "@/server/http/request";
import { resendConfirmation } from "@/server/registrations/registrations";

export const resendAction = publicAction(async () => {
  const receipt = await registrationReceipt();
  if (!receipt)
    throw new DomainError("not_found", "This browser does not know which registration it was. Register again.");
  return resendConfirmation(visitorContext(), { receipt, clientAddress: await clientAddress() });
});
