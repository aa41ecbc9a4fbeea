"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as mail from "@/server/mail/overview";
import * as suppression from "@/server/mail/suppression";

const message = z.object({ messageId: z.string().max(60) });

export const resendMessage = memberAction(message, (ctx, input) => mail.resendMessage(ctx, input));

export const resendMessages = memberAction(mail.againWish, (ctx, input) => mail.resendMessages(ctx, input));

const suppressed = z.object({ id: z.string().max(60) });

export const writeToAddressAgain = memberAction(suppressed, (ctx, input) => suppression.removeSuppressed(ctx, input));
