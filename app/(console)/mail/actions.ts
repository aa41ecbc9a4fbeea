"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as mail from "@/server/mail/overview";

const message = z.object({ messageId: z.string().max(60) });

export const resendMessage = memberAction(message, (ctx, input) => mail.resendMessage(ctx, input));
