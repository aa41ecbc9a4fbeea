"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as sandboxes from "@/server/sandboxes/sandboxes";

const account = z.object({ accountId: z.string().max(60) });
const withReason = account.extend({ reason: z.string().trim().min(1, "Say why.").max(500, "500 characters at most.") });

export const checkPool = memberAction(z.object({}), (ctx) => sandboxes.checkPool(ctx));
export const cleanAccount = memberAction(account, (ctx, input) => sandboxes.cleanAccount(ctx, input));
export const releaseAccount = memberAction(withReason, (ctx, input) => sandboxes.releaseAccount(ctx, input));
export const retireAccount = memberAction(withReason, (ctx, input) => sandboxes.retireAccount(ctx, input));
