import type { Facts } from "@/server/mail/facts";
import type { MailKind } from "@/server/mail/kinds";
import { accessReady } from "@/server/mail/templates/access-ready";
import { accountsMissing } from "@/server/mail/templates/accounts-missing";
import { awaitingApproval, rejected } from "@/server/mail/templates/approval";
import { budgetReached } from "@/server/mail/templates/budget-reached";
import { changed } from "@/server/mail/templates/changed";
import { cleanupReport } from "@/server/mail/templates/cleanup-report";
import { confirmAddress } from "@/server/mail/templates/confirm-address";
import { confirmed } from "@/server/mail/templates/confirmed";
import type { MailContent, MailLinks, MailTexts } from "@/server/mail/templates/content";
import { certificate, endingSoon } from "@/server/mail/templates/during-and-after";
import { handedOver, handoverEnded, handoverOffer } from "@/server/mail/templates/handovers";
import { invitation } from "@/server/mail/templates/invitation";
import { invitationKit } from "@/server/mail/templates/invitation-kit";
import { machinesStopped } from "@/server/mail/templates/machines-stopped";
import { nudgeClosing, nudgeSeats } from "@/server/mail/templates/nudges";
import { offered, offerLapsed } from "@/server/mail/templates/offers";
import { promoted } from "@/server/mail/templates/promoted";
import { quarantineAlarm } from "@/server/mail/templates/quarantine-alarm";
import { registrationCancelled } from "@/server/mail/templates/registration-cancelled";
import { reminder } from "@/server/mail/templates/reminder";
import { signInCode } from "@/server/mail/templates/sign-in-code";
import { thanks } from "@/server/mail/templates/thanks";
import { waitingForAccount } from "@/server/mail/templates/waiting-for-account";
import { waitlisted } from "@/server/mail/templates/waitlisted";
import { weeklyDigest } from "@/server/mail/templates/weekly-digest";
import { workshopCancelled } from "@/server/mail/templates/workshop-cancelled";

/** The messages of every kind; a kind without one does not compile. */
const texts: Record<MailKind, MailTexts> = {
  sign_in_code: signInCode,
  invitation_kit: invitationKit,
  invitation,
  accounts_missing: accountsMissing,
  machines_stopped: machinesStopped,
  budget_reached: budgetReached,
  confirm_address: confirmAddress,
  confirmed,
  awaiting_approval: awaitingApproval,
  rejected,
  waitlisted,
  promoted,
  offered,
  offer_lapsed: offerLapsed,
  handover_offer: handoverOffer,
  handover_ended: handoverEnded,
  handed_over: handedOver,
  changed,
  registration_cancelled: registrationCancelled,
  workshop_cancelled: workshopCancelled,
  reminder,
  access_ready: accessReady,
  waiting_for_account: waitingForAccount,
  ending_soon: endingSoon,
  thanks,
  certificate,
  nudge_seats: nudgeSeats,
  nudge_closing: nudgeClosing,
  cleanup_report: cleanupReport,
  quarantine_alarm: quarantineAlarm,
  weekly_digest: weeklyDigest,
};

/** What a mail says in the reader's language, or in English where there is none yet. Pure. */
export function contentOf(kind: MailKind, facts: Facts, links: MailLinks): MailContent {
  const languages = texts[kind];
  const inLanguage = Object.hasOwn(languages, facts.locale) ? languages[facts.locale] : undefined;
  return (inLanguage ?? languages.en)(facts, links);
}
