/**
 * The door of sandboxes: what other folders call. Lending in vending.ts, entering in access.ts, taking back in closing.ts,
 * emptying in cleaning.ts, the pool in pool.ts, its dates in capacity.ts and calendar.ts, AWS Organizations in
 * organization.ts.
 */
export { type ConsoleLink, consoleLink, type TemporaryKeys, temporaryKeys } from "@/server/sandboxes/access";
export {
  type ActedOnMany,
  bringBackAccount,
  checkPool,
  cleanAccount,
  cleanAccounts,
  endCooldown,
  releaseAccount,
  retireAccount,
  retireAccounts,
} from "@/server/sandboxes/acts";
export { type PoolCalendar, poolCalendar } from "@/server/sandboxes/calendar";
export { capacityPlan, checkDates, type DateCheck, lockPoolDates, type Plan } from "@/server/sandboxes/capacity";
export { clean } from "@/server/sandboxes/cleaning";
export { retryStep, returnLease, setAside, startTakingBack, takeBack } from "@/server/sandboxes/closing";
export { adoptAccounts, reconcile, setUpOrganization } from "@/server/sandboxes/organization";
export {
  type AccountDetail,
  type AccountRow,
  type CleanupDetail,
  type CleanupSummary,
  getAccount,
  getCleanup,
  type ListedCleanup,
  listCleanups,
  type PoolOverview,
  poolOverview,
} from "@/server/sandboxes/pool";
export { tickSandboxes } from "@/server/sandboxes/resume";
export { leaseForMember, type Reserved, reserveLeases, retryVend, vend } from "@/server/sandboxes/vending";
