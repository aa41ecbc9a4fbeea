"use server";

import { z } from "zod";
import { DomainError } from "@/server/errors";
import { memberAction } from "@/server/http/members";
import { makeFacilitatorCode as makeCode } from "@/server/identity/identity";
import { listMessages, resendMessage as resend } from "@/server/mail/overview";
import { anonymizeNow as anonymize } from "@/server/privacy/anonymize";
import { correctAddress as rectify } from "@/server/privacy/rectify";
import * as registrations from "@/server/registrations/registrations";
import * as sandboxes from "@/server/sandboxes/sandboxes";
import { workshopForm } from "@/server/workshops/schemas";
import * as workshops from "@/server/workshops/workshops";

/** The acts of the workshop screens; each is one use case, which decides who may. */

const id = z.string().min(1).max(60);
const ofWorkshop = z.object({ workshopId: id });
const ofRegistration = z.object({ registrationId: id });
const ofLease = z.object({ leaseId: id });

// ── Drafting ──

export const createWorkshop = memberAction(workshopForm, (ctx, form) => workshops.createWorkshop(ctx, form));
const acceptMissing = z.int().min(0).max(100_000).optional();
export const updateWorkshop = memberAction(
  z.object({ workshopId: id, form: workshopForm, acceptMissing, tell: z.boolean().optional() }),
  (ctx, input) => workshops.updateWorkshop(ctx, input),
);
/** Says what a form means for the pool; changes nothing. */
export const previewDates = memberAction(z.object({ workshopId: id.nullable(), form: workshopForm }), (ctx, input) =>
  workshops.previewDates(ctx, input),
);
export const duplicateWorkshop = memberAction(
  z.object({ workshopId: id, startsOn: z.iso.date("Choose a date").nullable() }),
  (ctx, input) => workshops.duplicateWorkshop(ctx, input),
);

// ── Moves ──

export const openRegistration = memberAction(ofWorkshop.extend({ acceptMissing }), (ctx, input) =>
  workshops.openRegistration(ctx, input),
);
/** Gives seats although so many accounts are missing on the dates. */
export const acceptMissingAccounts = memberAction(
  z.object({ workshopId: id, missing: z.int().min(0).max(100_000) }),
  (ctx, input) => workshops.acceptMissing(ctx, input),
);
export const pauseRegistration = memberAction(ofWorkshop, (ctx, input) => workshops.pauseRegistration(ctx, input));
export const resumeRegistration = memberAction(ofWorkshop, (ctx, input) => workshops.resumeRegistration(ctx, input));
export const openWorkshop = memberAction(
  z.object({ workshopId: id, acceptFewer: z.boolean().optional() }),
  (ctx, input) => workshops.openWorkshop(ctx, input),
);
export const closeWorkshop = memberAction(ofWorkshop, (ctx, input) => workshops.closeWorkshop(ctx, input));
export const cancelWorkshop = memberAction(ofWorkshop, (ctx, input) => workshops.cancelWorkshop(ctx, input));
export const extendWorkshop = memberAction(
  z.object({ workshopId: id, minutes: z.int().min(5).max(600) }),
  (ctx, input) => workshops.extendWorkshop(ctx, input),
);

// ── People ──

export const decideRegistrations = memberAction(
  z.object({
    workshopId: id,
    registrationIds: z.array(id).min(1).max(500),
    approve: z.boolean(),
    reason: z.string().max(2000).optional(),
  }),
  (ctx, input) => registrations.decideRegistrations(ctx, input),
);
export const cancelRegistration = memberAction(ofRegistration, (ctx, input) =>
  registrations.cancelRegistration(ctx, input),
);
export const checkIn = memberAction(ofRegistration, (ctx, input) => registrations.checkIn(ctx, input));
export const makeFacilitatorCode = memberAction(ofRegistration, async (ctx, input) => {
  const { code, expiresAt } = await makeCode(ctx, input);
  return { code, expiresAt: expiresAt.toISOString() };
});

// ── Sandbox accounts ──

export const leaseForMe = memberAction(
  z.object({ workshopId: id, holder: z.enum(["presenter", "rehearsal"]) }),
  (ctx, input) => sandboxes.leaseForMember(ctx, input),
);
export const returnMyLease = memberAction(ofLease, (ctx, input) => sandboxes.returnLease(ctx, input));
export const swapAccount = memberAction(ofLease, (ctx, input) => sandboxes.swapAccount(ctx, input));
export const retryVend = memberAction(ofLease, (ctx, input) => sandboxes.retryVend(ctx, input));
export const retryStep = memberAction(ofLease, (ctx, input) => sandboxes.retryStep(ctx, input));
export const setAside = memberAction(
  z.object({ leaseId: id, reason: z.string().trim().min(1, "Say why the account is set aside.").max(500) }),
  (ctx, input) => sandboxes.setAside(ctx, input),
);
/** A link that signs in whoever follows it: it goes straight into a new tab and nowhere else. */
export const consoleLink = memberAction(ofLease, (ctx, input) => sandboxes.consoleLink(ctx, input));
export const temporaryKeys = memberAction(ofLease, (ctx, input) => sandboxes.temporaryKeys(ctx, input));

// ── Afterwards ──

export const anonymizeNow = memberAction(ofWorkshop, (ctx, input) => anonymize(ctx, input));
export const correctAddress = memberAction(ofRegistration.extend({ email: z.string().max(1000) }), (ctx, input) =>
  rectify(ctx, input),
);
/** Sends the mail "access is ready" of an attendee again. */
export const resendAccess = memberAction(ofRegistration, async (ctx, { registrationId }) => {
  const messages = await listMessages(ctx, { registrationId });
  const access = messages.find((message) => message.kind === "access_ready");
  if (!access)
    throw new DomainError("not_ready", "No access mail has gone to this person yet: their account is not ready.");
  await resend(ctx, { messageId: access.id });
});
