/** Every URL in one place. No personal data in any of them; tokens only where a mail has to carry one. */

export const publicPaths = {
  invite: (token: string) => `/i/${token}`,
  confirm: (token: string) => `/confirm/${token}`,
  personal: (token: string) => `/enter/${token}`,
  checkMail: (registrationId: string) => `/check-mail/${registrationId}`,
  my: (registrationId: string) => `/my/${registrationId}`,
  myCalendar: (registrationId: string) => `/my/${registrationId}/calendar`,
  calendarFeed: (token: string) => `/api/calendar/${token}.ics`,
  privacy: () => "/privacy",
};

export const consolePaths = {
  home: () => "/",
  signIn: () => "/sign-in",
  signInCode: () => "/sign-in/code",
  workshops: () => "/workshops",
  newWorkshop: () => "/workshops/new",
  workshop: (id: string, tab?: WorkshopTab) => (tab ? `/workshops/${id}/${tab}` : `/workshops/${id}`),
  editWorkshop: (id: string, step?: string) => `/workshops/${id}/edit${step ? `?step=${step}` : ""}`,
  previewAttendee: (id: string) => `/workshops/${id}/preview`,
  customers: () => "/customers",
  customer: (id: string) => `/customers/${id}`,
  pool: () => "/pool",
  /** A month of the pool, e.g. "2026-12"; this one without. */
  poolCalendar: (month?: string) => (month ? `/pool/calendar?month=${month}` : "/pool/calendar"),
  account: (id: string) => `/pool/${id}`,
  cleanups: () => "/cleanups",
  cleanup: (id: string) => `/cleanups/${id}`,
  cleanupEvidence: (id: string) => `/cleanups/${id}/evidence`,
  mail: () => "/mail",
  message: (id: string) => `/mail/${id}`,
  members: () => "/team/members",
  settings: () => "/team/settings",
  profiles: () => "/team/profiles",
  newProfile: () => "/team/profiles/new",
  profile: (id: string) => `/team/profiles/${id}`,
  me: () => "/me",
  mailbox: () => "/mailbox",
};

/** Tabs of a workshop's page; each is a URL. */
export const workshopTabs = [
  "registrations",
  "invitations",
  "sandboxes",
  "mail",
  "history",
  "live",
  "closing",
] as const;
export type WorkshopTab = (typeof workshopTabs)[number];

/** Where to go after signing in: a path of ours, else the home page. What could lead to another site is not followed. */
export function pathAfterSignIn(wanted: string): string {
  if (!/^\/(?![/\\])[\w\-./?=&%,:+]*$/.test(wanted) || wanted.startsWith(consolePaths.signIn()))
    return consolePaths.home();
  return wanted;
}
