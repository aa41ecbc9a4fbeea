-- What the database itself keeps and Prisma cannot say. Each constraint is named as the guarantee.

-- One live lease for an account, and one for a registration.
CREATE UNIQUE INDEX lease_live_account ON "Lease" ("accountId") WHERE "endedAt" IS NULL;
CREATE UNIQUE INDEX lease_live_registration ON "Lease" ("registrationId") WHERE "endedAt" IS NULL AND "registrationId" IS NOT NULL;

-- One live registration for a person in a workshop.
CREATE UNIQUE INDEX registration_live_person ON "Registration" ("workshopId", "personId")
  WHERE "state" NOT IN ('cancelled', 'rejected', 'expired');

-- The order of confirmation has no ties.
CREATE UNIQUE INDEX registration_ordinal ON "Registration" ("workshopId", "ordinal") WHERE "ordinal" IS NOT NULL;

-- One shared link for an account manager in a workshop is enough to find again; links for customers are as many as needed.
CREATE UNIQUE INDEX invite_shared ON "Invite" ("workshopId", "memberId") WHERE "customerId" IS NULL AND "revokedAt" IS NULL;

-- One cleaner run on an account at a time.
CREATE UNIQUE INDEX cleanup_running ON "Cleanup" ("accountId") WHERE "state" = 'running';

-- Seats are never above capacity, counts never negative.
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_seats CHECK ("seatsTaken" >= 0 AND "seatsTaken" <= "capacity");
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_capacity CHECK ("capacity" BETWEEN 1 AND 100000);
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_dates CHECK ("endsAt" IS NULL OR "startsAt" IS NULL OR "endsAt" > "startsAt");
ALTER TABLE "Workshop" ADD CONSTRAINT workshop_clock CHECK (("opensMinutesBefore" IS NULL OR "opensMinutesBefore" >= 0) AND ("closesHoursAfter" IS NULL OR "closesHoursAfter" >= 0));
ALTER TABLE "WorkshopAccountManager" ADD CONSTRAINT account_manager_limit CHECK ("seatLimit" IS NULL OR "seatLimit" >= 0);
ALTER TABLE "Invite" ADD CONSTRAINT invite_limit CHECK ("seatLimit" IS NULL OR "seatLimit" >= 0);
ALTER TABLE "Team" ADD CONSTRAINT team_days CHECK ("anonymizeAfterDays" >= 0 AND "unverifiedDeleteDays" >= 0 AND "cancelledAnonymizeDays" >= 0 AND "cooldownHours" >= 0);
ALTER TABLE "SandboxAccount" ADD CONSTRAINT account_id CHECK ("awsAccountId" ~ '^[0-9]{12}$');

-- A holder fits its lease.
ALTER TABLE "Lease" ADD CONSTRAINT lease_holder CHECK (
  ("holder" = 'registration' AND "registrationId" IS NOT NULL) OR ("holder" <> 'registration' AND "memberId" IS NOT NULL));

-- A quarantined account says why.
ALTER TABLE "SandboxAccount" ADD CONSTRAINT account_reason CHECK ("state" <> 'quarantined' OR "quarantineReason" IS NOT NULL);

-- Audit and activity are append-only, for their owner too; the app's role has no UPDATE or DELETE on them at all (grants.sql).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON "AuditEntry" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_append_only BEFORE UPDATE OR DELETE ON "AuditSeal" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER activity_append_only BEFORE UPDATE OR DELETE ON "Activity" FOR EACH ROW EXECUTE FUNCTION refuse_change();
