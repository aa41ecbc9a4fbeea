/**
 * Every kind of mail: to whom, how pressing, until when it makes sense, and which unsent mails it makes pointless. Pure data,
 * read by the outbox, the sender and the mail tab.
 */

/**
 * `invitee`: an address that an account manager invites, `colleague`: one to whom an attendee hands over a seat; neither is a
 * person yet.
 */
export type MailAudience = "attendee" | "member" | "invitee" | "colleague" | "sign_in";

export type MailKindRule = {
  /** Heading in the mail tab, in sentence case. */
  label: string;
  audience: MailAudience;
  /** Somebody waits for it: goes first, and goes again when it is in doubt whether it went (docs/decisions). */
  urgent: boolean;
  /** Minutes after its time when it is no longer sent; null = as long as it is still true. */
  validMinutes: number | null;
  /** Carries the calendar entry of the registration. */
  calendar: boolean;
  /** The link in it, minted when it is sent. */
  link: "personal" | "confirm" | "invite" | "offer" | "handover" | null;
  /** Unsent mails of the same registration that this one makes pointless. */
  replaces: readonly string[];
};

const attendee = {
  audience: "attendee",
  urgent: false,
  validMinutes: null,
  calendar: false,
  link: "personal",
  replaces: [],
} as const;
const toMember = { ...attendee, audience: "member", link: null } as const;
const scheduled = ["reminder", "ending_soon", "waiting_for_account", "access_ready"] as const;

export const mailKinds = {
  sign_in_code: {
    label: "Sign-in code",
    audience: "sign_in",
    urgent: true,
    validMinutes: 10,
    calendar: false,
    link: null,
    replaces: [],
  },
  invitation_kit: {
    label: "Invitation kit",
    audience: "member",
    urgent: false,
    validMinutes: null,
    calendar: false,
    link: "invite",
    replaces: [],
  },
  invitation: {
    label: "Invitation",
    audience: "invitee",
    urgent: false,
    validMinutes: null,
    calendar: false,
    link: "invite",
    replaces: [],
  },
  accounts_missing: {
    label: "Too few accounts",
    audience: "member",
    urgent: true,
    validMinutes: 4 * 60,
    calendar: false,
    link: null,
    replaces: [],
  },
  machines_stopped: {
    label: "Machines stopped",
    audience: "member",
    urgent: false,
    validMinutes: null,
    calendar: false,
    link: null,
    replaces: [],
  },
  budget_reached: {
    label: "Budget reached",
    audience: "member",
    urgent: true,
    validMinutes: 12 * 60,
    calendar: false,
    link: null,
    replaces: [],
  },
  nudge_seats: { ...toMember, label: "Seats left", validMinutes: 720 },
  nudge_closing: { ...toMember, label: "Registration closes" },
  cleanup_report: { ...toMember, label: "Cleanup report" },
  quarantine_alarm: { ...toMember, label: "Account quarantined", urgent: true, validMinutes: 48 * 60 },
  weekly_digest: { ...toMember, label: "Weekly digest", validMinutes: 24 * 60 },
  confirm_address: { ...attendee, label: "Confirm your address", urgent: true, validMinutes: 24 * 60, link: "confirm" },
  confirmed: {
    ...attendee,
    label: "You're in",
    urgent: true,
    calendar: true,
    replaces: ["offered", "awaiting_approval"],
  },
  awaiting_approval: { ...attendee, label: "Awaiting approval", urgent: true },
  rejected: { ...attendee, label: "Not approved", link: null, replaces: ["awaiting_approval"] },
  waitlisted: { ...attendee, label: "On the waitlist", urgent: true, replaces: ["awaiting_approval"] },
  promoted: {
    ...attendee,
    label: "Moved up from the waitlist",
    urgent: true,
    calendar: true,
    replaces: ["waitlisted"],
  },
  offered: { ...attendee, label: "Seat offered", urgent: true, link: "offer", replaces: ["waitlisted"] },
  offer_lapsed: { ...attendee, label: "Offer passed", link: null, replaces: ["offered", "changed"] },
  handover_offer: { ...attendee, label: "Seat to take over", audience: "colleague", urgent: true, link: "handover" },
  handover_ended: { ...attendee, label: "Not handed over" },
  handed_over: {
    ...attendee,
    label: "Handed over",
    link: null,
    calendar: true,
    replaces: ["confirmed", "promoted", "changed", "handover_offer", "handover_ended", ...scheduled],
  },
  changed: { ...attendee, label: "Something changed", calendar: true },
  registration_cancelled: {
    ...attendee,
    label: "Registration cancelled",
    link: null,
    calendar: true,
    replaces: ["confirm_address", "confirmed", "promoted", "waitlisted", "offered", "changed", ...scheduled],
  },
  workshop_cancelled: {
    ...attendee,
    label: "Workshop cancelled",
    link: null,
    urgent: true,
    calendar: true,
    replaces: ["confirm_address", "confirmed", "promoted", "waitlisted", "offered", "changed", ...scheduled],
  },
  reminder: { ...attendee, label: "Reminder" },
  access_ready: { ...attendee, label: "Access is ready", urgent: true, replaces: ["waiting_for_account"] },
  waiting_for_account: { ...attendee, label: "Waiting for an account", urgent: true },
  ending_soon: { ...attendee, label: "An hour to go", validMinutes: 60 },
  thanks: { ...attendee, label: "Thanks" },
  certificate: { ...attendee, label: "Certificate" },
} as const satisfies Record<string, MailKindRule>;

export type MailKind = keyof typeof mailKinds;

/** The rule of a kind, typed as the rule. */
export function kindRule(kind: MailKind): MailKindRule {
  return mailKinds[kind];
}

/** Whether a text read from a row names a kind that this version knows. */
export function isMailKind(text: string): text is MailKind {
  return Object.hasOwn(mailKinds, text);
}
