"use server";

import { z } from "zod";
import type { Context } from "@/server/context";
import { memberAction } from "@/server/http/members";
import * as bulk from "@/server/invites/bulk";
import * as invites from "@/server/invites/invites";
import * as quotas from "@/server/invites/quotas";
import * as texts from "@/server/invites/ready-text";
import {
  addressList,
  inviteChange,
  inviteRevocation,
  newInvite,
  newPersonalInvite,
  quotaChange,
  readyTextWish,
} from "@/server/invites/schemas";
import { fromLocal } from "@/server/times";
import { getWorkshop } from "@/server/workshops/views";

/** The acts of the screens about invitations; each is one use case, which decides who may. */

const id = z.string().min(1).max(60);
/** A link works until the end of a day on the workshop's own clock. */
const expiresOn = z.iso.date("Choose a date").nullable();

async function endOfDay(ctx: Context, workshopId: string, day: string | null): Promise<Date | null> {
  if (!day) return null;
  const { timeZone } = await getWorkshop(ctx, { workshopId });
  return fromLocal(`${day}T23:59`, timeZone);
}

export const createInvite = memberAction(
  newInvite.omit({ expiresAt: true }).extend({ expiresOn }),
  async (ctx, { expiresOn: day, ...input }) =>
    invites.createInvite(ctx, { ...input, expiresAt: await endOfDay(ctx, input.workshopId, day) }),
);
export const invitePerson = memberAction(
  newPersonalInvite.omit({ expiresAt: true }).extend({ expiresOn }),
  async (ctx, { expiresOn: day, ...input }) =>
    invites.invitePerson(ctx, { ...input, expiresAt: await endOfDay(ctx, input.workshopId, day) }),
);
export const editInvite = memberAction(
  inviteChange.omit({ expiresAt: true }).extend({ workshopId: id, expiresOn }),
  async (ctx, { expiresOn: day, workshopId, ...input }) =>
    quotas.editInvite(ctx, { ...input, expiresAt: await endOfDay(ctx, workshopId, day) }),
);
export const resendInvite = memberAction(z.object({ inviteId: id }), (ctx, input) => invites.resendInvite(ctx, input));
export const revokeInvite = memberAction(inviteRevocation, (ctx, input) => invites.revokeInvite(ctx, input));
/** The text to forward; holds the link, so it is made when somebody asks. */
export const readyText = memberAction(readyTextWish, (ctx, input) => texts.readyText(ctx, input));

const list = addressList.omit({ expiresAt: true }).extend({ expiresOn });
/** Says what sending a list would do; changes nothing. */
export const previewInvitations = memberAction(list, async (ctx, { expiresOn: day, ...input }) =>
  bulk.previewInvitations(ctx, { ...input, expiresAt: await endOfDay(ctx, input.workshopId, day) }),
);
export const sendInvitations = memberAction(list, async (ctx, { expiresOn: day, ...input }) =>
  bulk.sendInvitations(ctx, { ...input, expiresAt: await endOfDay(ctx, input.workshopId, day) }),
);

/** Says what new limits would mean; changes nothing. */
export const previewQuotas = memberAction(quotaChange, (ctx, input) => quotas.previewQuotas(ctx, input));
export const setQuotas = memberAction(quotaChange, (ctx, input) => quotas.setQuotas(ctx, input));
