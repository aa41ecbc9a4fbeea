"use server";

import { z } from "zod";
import { memberAction } from "@/server/http/members";
import * as sandboxes from "@/server/sandboxes/sandboxes";
import { profileForm, profileId } from "@/server/sandboxes/schemas";

export const createProfile = memberAction(profileForm, (ctx, input) => sandboxes.createProfile(ctx, input));

export const updateProfile = memberAction(z.object({ profileId: z.string(), values: profileForm }), (ctx, input) =>
  sandboxes.updateProfile(ctx, { profileId: input.profileId, ...input.values }),
);

export const deleteProfile = memberAction(profileId, (ctx, input) => sandboxes.deleteProfile(ctx, input));

export const retryStacks = memberAction(
  z.object({ workshopId: z.string(), leaseId: z.string().optional() }),
  (ctx, input) => sandboxes.retryStacks(ctx, input),
);

export const unfreezeLease = memberAction(z.object({ leaseId: z.string() }), (ctx, input) =>
  sandboxes.unfreezeLease(ctx, input),
);
