"use server";

import { z } from "zod";
import { previewJson } from "@/components/mail/rule-json";
import { memberAction } from "@/server/http/members";
import * as edits from "@/server/mail/rule-edits";
import { ruleSettings } from "@/server/mail/schemas";
import * as timeline from "@/server/mail/timeline";

const key = z.string().max(60);
const ofLevel = z.object({ workshopId: z.string().max(60).nullable(), key });
const ofWorkshop = z.object({ workshopId: z.string().max(60), key });
const version = z.number().int().min(0);

export const previewRule = memberAction(ofLevel.extend({ settings: ruleSettings }), async (ctx, input) =>
  previewJson(await timeline.previewRule(ctx, input)),
);
export const saveRule = memberAction(ofLevel.extend({ settings: ruleSettings, version }), edits.saveRule);
export const resetRule = memberAction(ofLevel.extend({ version }), edits.resetRule);
export const addRule = memberAction(
  z.object({ workshopId: z.string().max(60).nullable(), base: key, settings: ruleSettings }),
  edits.addRule,
);
export const previewRuleMail = memberAction(
  ofWorkshop.extend({ recipientId: z.string().max(60).nullable() }),
  timeline.previewRuleMail,
);
export const sendRuleNow = memberAction(ofWorkshop, timeline.sendRuleNow);
