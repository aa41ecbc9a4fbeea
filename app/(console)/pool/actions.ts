"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import { actReasons, type ReleaseReason, type RetireReason } from "@/server/sandboxes/lifecycle";
import * as sandboxes from "@/server/sandboxes/sandboxes";
import { newAccounts } from "@/server/sandboxes/schemas";

const account = z.object({ accountId: z.string().max(60) });
const several = z.object({ accountIds: z.array(z.string().max(60)).min(1).max(500) });
const keys = <R extends string>(words: Record<R, string>) => z.enum(Object.keys(words) as R[], "Choose a reason.");
const note = z.string().trim().max(200, "200 characters at most.").optional();
const toRelease = account.extend({ why: keys<ReleaseReason>(actReasons.release), note });
const retiring = { why: keys<RetireReason>(actReasons.retire), note };

const request = z.object({ requestId: z.string().max(60) });

export const checkPool = memberAction(z.object({}), (ctx) => sandboxes.checkPool(ctx));
export const cleanAccount = memberAction(account, (ctx, input) => sandboxes.cleanAccount(ctx, input));
export const cleanAccounts = memberAction(several, (ctx, input) => sandboxes.cleanAccounts(ctx, input));
export const releaseAccount = memberAction(toRelease, (ctx, input) => sandboxes.releaseAccount(ctx, input));
export const endCooldown = memberAction(account, (ctx, input) => sandboxes.endCooldown(ctx, input));
export const bringBackAccount = memberAction(account, (ctx, input) => sandboxes.bringBackAccount(ctx, input));
export const retireAccount = memberAction(account.extend(retiring), (ctx, input) =>
  sandboxes.retireAccount(ctx, input),
);
export const retireAccounts = memberAction(several.extend(retiring), (ctx, input) =>
  sandboxes.retireAccounts(ctx, input),
);
export const requestAccounts = memberAction(newAccounts, (ctx, input) => sandboxes.requestAccounts(ctx, input));
export const retryAccountRequest = memberAction(request, (ctx, input) => sandboxes.retryAccountRequest(ctx, input));
export const dismissAccountRequest = memberAction(request, (ctx, input) => sandboxes.dismissAccountRequest(ctx, input));
