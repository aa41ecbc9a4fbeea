/** Every URL in one place. No personal data in any of them; tokens only where a mail has to carry one. */

export const publicPaths = {
  invite: (token: string) => `/i/${token}`,
  confirm: (token: string) => `/confirm/${token}`,
  personal: (token: string) => `/enter/${token}`,
  offer: (token: string) => `/offer/${token}`,
  handover: (token: string) => `/handover/${token}`,
  checkMail: (registrationId: string) => `/check-mail/${registrationId}`,
  my: (registrationId: string) => `/my/${registrationId}`,
  myCertificate: (registrationId: string) => `/my/${registrationId}/certificate`,
  myCalendar: (registrationId: string) => `/my/${registrationId}/calendar`,
  myData: (registrationId: string) => `/my/${registrationId}/data`,
  myDataFile: (registrationId: string) => `/my/${registrationId}/data/file`,
  calendarFeed: (token: string) => `/api/calendar/${token}.ics`,
  unsubscribe: (token: string) => `/unsubscribe/${token}`,
  /** For mail programs: a POST unsubscribes, a GET leads to the page. */
  unsubscribeOneClick: (token: string) => `/api/unsubscribe/${token}`,
  privacy: () => "/privacy",
};

export const consolePaths = {
  home: () => "/",
  signIn: () => "/sign-in",
  signInCode: () => "/sign-in/code",
  workshops: () => "/workshops",
  newWorkshop: () => "/workshops/new",
  workshop: (id: string, tab?: WorkshopTab) => (tab ? `/workshops/${id}/${tab}` : `/workshops/${id}`),
  inviteList: (id: string) => `/workshops/${id}/invite-list`,
  editWorkshop: (id: string, step?: string) => `/workshops/${id}/edit${step ? `?step=${step}` : ""}`,
  checkIn: (id: string, registrationId?: string) =>
    registrationId ? `/workshops/${id}/check-in?person=${registrationId}` : `/workshops/${id}/check-in`,
  /** Takes a check-in, or one taken back, from the check-in page. */
  checkInMark: (id: string) => `/workshops/${id}/check-in/mark`,
  /** Takes a form and answers a file. */
  exportPeople: (id: string) => `/workshops/${id}/export`,
  printPeople: (id: string, people: string) => `/workshops/${id}/print?people=${people}`,
  /** What the code on an attendee's screen says: it leads members to their check-in, and nobody else anywhere. */
  checkInCode: (registrationId: string) => `/check-in/${registrationId}`,
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
  mailAddresses: () => "/mail/addresses",
  mailRules: () => "/mail/rules",
  mailTexts: () => "/mail/texts",
  /** The words of one kind of mail in one language. */
  mailText: (kind: string, language: string) => `/mail/texts/${kind}/${language}`,
  mailSetUp: () => "/mail/set-up",
  members: () => "/team/members",
  settings: () => "/team/settings",
  profiles: () => "/team/profiles",
  newProfile: () => "/team/profiles/new",
  profile: (id: string) => `/team/profiles/${id}`,
  me: () => "/me",
  mailbox: () => "/mailbox",
};

/** The page of check-in by its path: the only one that may use the camera, so it is entered and left by a full load. */
export const checkInPage = /^\/workshops\/[^/]+\/check-in$/;

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
