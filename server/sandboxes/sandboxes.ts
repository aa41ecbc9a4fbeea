/**
 * The door of sandboxes: what other folders call. Lending in vending.ts (early in prewarm.ts, anew in swap.ts), entering in access.ts, taking back in closing.ts,
 * emptying in cleaning.ts, the pool in pool.ts, its dates in capacity.ts and calendar.ts, AWS Organizations in
 * organization.ts.
 */
export {
  type ConsoleLink,
  consoleEntry,
  consoleLink,
  type MyAccess,
  myAccess,
  newSecret,
  type ShownSecret,
  showSecret,
  type TemporaryKeys,
  temporaryKeys,
} from "@/server/sandboxes/access";
export { serveWaitingWorkshops } from "@/server/sandboxes/accounts";
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
export {
  type LeaseMarks,
  leaseMarks,
  marksSelect,
  place,
  unfreezeLease,
  watchBudgets,
} from "@/server/sandboxes/budgets";
export { poolCalendar } from "@/server/sandboxes/calendar";
export { capacityPlan, checkDates, lockPoolDates, type Plan, seatsInPool } from "@/server/sandboxes/capacity";
export { clean } from "@/server/sandboxes/cleaning";
export { retryStep, returnLease, setAside, startTakingBack, stepNote, takeBack } from "@/server/sandboxes/closing";
export {
  type AccountRequestView,
  dismissAccountRequest,
  type MakingView,
  makeAccount,
  requestAccounts,
  retryAccountRequest,
} from "@/server/sandboxes/making";
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
export { countPrewarmed, prewarm, tellPrewarmed, tickPrewarming } from "@/server/sandboxes/prewarm";
export {
  applyProfile,
  createProfile,
  deleteProfile,
  getProfile,
  listProfiles,
  type ProfileDetail,
  type ProfileSummary,
  updateProfile,
} from "@/server/sandboxes/profiles";
export { tickSandboxes } from "@/server/sandboxes/resume";
export { makeStack, outputsOf, ownStackOutputs, retryStacks } from "@/server/sandboxes/stacks";
export { swapAccount } from "@/server/sandboxes/swap";
export { machineNote } from "@/server/sandboxes/tasks";
export { leaseForMember, type Reserved, reserveLeases, retryVend, vend } from "@/server/sandboxes/vending";
