import type { Context } from "@/server/context";
import type { JobName, JobPayload } from "@/server/jobs/queues";
import type { SystemActor } from "@/server/permissions";

/** What a handler gets beside its payload. */
export type JobRun = {
  /** Ends the work early: the worker is stopping or the job was taken away. */
  signal: AbortSignal;
  /** True on the last try: what still fails must end in a state that a person sees. */
  lastTry: boolean;
};

type Handler<N extends JobName> = (ctx: Context<SystemActor>, payload: JobPayload<N>, run: JobRun) => Promise<unknown>;

/** Every job's handler: a use case of its domain. Each may run twice. Imported when first needed. */
export const handlers: { [N in JobName]: Handler<N> } = {
  "sandboxes.vend": async (ctx, payload, run) => (await import("@/server/sandboxes/sandboxes")).vend(ctx, payload, run),
  "sandboxes.take-back": async (ctx, payload, run) =>
    (await import("@/server/sandboxes/sandboxes")).takeBack(ctx, payload, run),
  "sandboxes.clean": async (ctx, payload, run) =>
    (await import("@/server/sandboxes/sandboxes")).clean(ctx, payload, run),
  "sandboxes.stack": async (ctx, payload, run) =>
    (await import("@/server/sandboxes/sandboxes")).makeStack(ctx, payload, run),
  "sandboxes.place": async (ctx, payload) => (await import("@/server/sandboxes/sandboxes")).place(ctx, payload),
  "sandboxes.apply-profile": async (ctx, payload) =>
    (await import("@/server/sandboxes/sandboxes")).applyProfile(ctx, payload),
  "sandboxes.budgets": async (ctx) => (await import("@/server/sandboxes/sandboxes")).watchBudgets(ctx),
  "sandboxes.reconcile": async (ctx, payload) => (await import("@/server/sandboxes/sandboxes")).reconcile(ctx, payload),
  "sandboxes.make-account": async (ctx, payload, run) =>
    (await import("@/server/sandboxes/sandboxes")).makeAccount(ctx, payload, run),
  "sandboxes.tick": async (ctx) => (await import("@/server/sandboxes/sandboxes")).tickSandboxes(ctx),
  "workshops.serve-waiting": async (ctx, payload) =>
    (await import("@/server/workshops/workshops")).serveWaiting(ctx, payload),
  "workshops.finish-closing": async (ctx, payload) =>
    (await import("@/server/workshops/workshops")).finishClosing(ctx, payload),
  "registrations.tick": async (ctx) => (await import("@/server/registrations/registrations")).tickRegistrations(ctx),
  "workshops.tick": async (ctx) => (await import("@/server/workshops/workshops")).tickWorkshops(ctx),
  "mail.send": async (ctx, payload) => (await import("@/server/mail/deliver")).send(ctx, payload),
  "mail.write-again": async (ctx, payload, run) =>
    (await import("@/server/mail/suppression")).writeAgain(ctx, payload, run),
  "mail.mirror": async (ctx) => (await import("@/server/mail/suppression")).mirrorSuppressed(ctx),
  "mail.tick": async (ctx) => (await import("@/server/mail/outbox")).tickMail(ctx),
  "mail.rules": async (ctx) => (await import("@/server/mail/member-mails")).tickRules(ctx),
  "mail.replan": async (ctx, payload) => (await import("@/server/mail/rule-edits")).replan(ctx, payload),
  "privacy.anonymize": async (ctx, payload) =>
    (await import("@/server/privacy/anonymize")).anonymizeWorkshop(ctx, payload),
  "privacy.forget-person": async (ctx, payload) =>
    (await import("@/server/privacy/anonymize")).forgetPerson(ctx, payload),
  "privacy.tick": async (ctx) => (await import("@/server/privacy/retention")).tickPrivacy(ctx),
  "audit.seal": async (ctx) => (await import("@/server/audit-seal")).sealAudit(ctx),
};
