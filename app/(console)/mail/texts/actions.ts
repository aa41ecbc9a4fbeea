"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as logo from "@/server/mail/logo";
import * as preview from "@/server/mail/text-preview";
import * as texts from "@/server/mail/texts";

const named = z.object({ kind: z.string().max(60), language: z.string().max(10) });
const typed = named.extend({
  subject: z.string().max(1000),
  headline: z.string().max(1000),
  body: z.string().max(20_000),
});
const version = z.object({ version: z.number().int().min(0) });

export const saveMailText = memberAction(typed.extend(version.shape), (ctx, input) => texts.saveMailText(ctx, input));
export const resetMailText = memberAction(named.extend(version.shape), (ctx, input) => texts.resetMailText(ctx, input));
export const previewMailText = memberAction(typed, (ctx, input) => preview.previewMailText(ctx, input));
export const sendTestMail = memberAction(typed, (ctx, input) => texts.sendTestMail(ctx, input));

const picture = z.object({ base64: z.base64().max(300_000) });

export const saveLogo = memberAction(picture, (ctx, input) => logo.saveLogo(ctx, input));
export const removeLogo = memberAction(z.object({}), (ctx) => logo.removeLogo(ctx));
