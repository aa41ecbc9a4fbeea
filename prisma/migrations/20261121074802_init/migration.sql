-- CreateEnum
CREATE TYPE "Role" AS ENUM ('account_manager', 'solutions_architect', 'admin');

-- CreateEnum
CREATE TYPE "WorkshopState" AS ENUM ('draft', 'registration', 'open', 'closing', 'closed', 'cancelled');

-- CreateEnum
CREATE TYPE "RegistrationState" AS ENUM ('unverified', 'awaiting_approval', 'rejected', 'waitlisted', 'offered', 'confirmed', 'attended', 'no_show', 'cancelled', 'expired');

-- CreateEnum
CREATE TYPE "AccountState" AS ENUM ('available', 'leased', 'cleaning', 'cooling', 'quarantined', 'retired');

-- CreateEnum
CREATE TYPE "LeaseHolder" AS ENUM ('registration', 'presenter', 'rehearsal');

-- CreateEnum
CREATE TYPE "LeaseState" AS ENUM ('reserved', 'ready', 'failed', 'closing', 'revoked', 'ended');

-- CreateEnum
CREATE TYPE "StepState" AS ENUM ('pending', 'running', 'done', 'failed', 'set_aside');

-- CreateEnum
CREATE TYPE "CleanupState" AS ENUM ('running', 'clean', 'dirty', 'failed');

-- CreateEnum
CREATE TYPE "MessageState" AS ENUM ('queued', 'sending', 'sent', 'delivered', 'bounced', 'complained', 'suppressed', 'failed', 'in_doubt', 'cancelled', 'too_late');

-- CreateTable
CREATE TABLE "Team" (
    "id" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "timeZone" TEXT NOT NULL,
    "senderName" TEXT NOT NULL,
    "senderEmail" TEXT NOT NULL,
    "accentColor" TEXT NOT NULL DEFAULT '#0f62c4',
    "anonymizeAfterDays" INTEGER NOT NULL DEFAULT 30,
    "unverifiedDeleteDays" INTEGER NOT NULL DEFAULT 7,
    "cancelledAnonymizeDays" INTEGER NOT NULL DEFAULT 14,
    "cooldownHours" INTEGER NOT NULL DEFAULT 0,
    "organizationalUnits" JSONB,
    "organizationProblem" TEXT,
    "organizationCheckedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Identity" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "subject" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Identity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Member" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "identityId" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removedAt" TIMESTAMP(3),

    CONSTRAINT "Member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "identityId" TEXT NOT NULL,
    "teamId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SignInAttempt" (
    "id" TEXT NOT NULL,
    "audience" TEXT NOT NULL,
    "emailHash" TEXT NOT NULL,
    "identityId" TEXT,
    "registrationId" TEXT,
    "codeHash" TEXT,
    "providerState" TEXT,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "usedAt" TIMESTAMP(3),

    CONSTRAINT "SignInAttempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SandboxProfile" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "regions" TEXT[],
    "services" TEXT[],
    "policy" JSONB NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "SandboxProfile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Workshop" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "state" "WorkshopState" NOT NULL DEFAULT 'draft',
    "title" TEXT NOT NULL,
    "abstract" TEXT NOT NULL DEFAULT '',
    "outcomes" TEXT[],
    "bring" TEXT[],
    "agenda" JSONB NOT NULL DEFAULT '[]',
    "place" TEXT NOT NULL DEFAULT '',
    "link" TEXT NOT NULL DEFAULT '',
    "startsAt" TIMESTAMP(3),
    "endsAt" TIMESTAMP(3),
    "timeZone" TEXT NOT NULL,
    "languages" TEXT[],
    "capacity" INTEGER NOT NULL DEFAULT 20,
    "sandboxProfileId" TEXT,
    "opensMinutesBefore" INTEGER DEFAULT 30,
    "closesHoursAfter" INTEGER DEFAULT 2,
    "pausedAt" TIMESTAMP(3),
    "registrationAt" TIMESTAMP(3),
    "openedAt" TIMESTAMP(3),
    "closingAt" TIMESTAMP(3),
    "closedAt" TIMESTAMP(3),
    "cancelledAt" TIMESTAMP(3),
    "anonymizeAt" TIMESTAMP(3),
    "anonymizedAt" TIMESTAMP(3),
    "anonymization" JSONB,
    "seatsTaken" INTEGER NOT NULL DEFAULT 0,
    "lastOrdinal" INTEGER NOT NULL DEFAULT 0,
    "scheduleVersion" INTEGER NOT NULL DEFAULT 1,
    "createdById" TEXT,
    "duplicatedFromId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Workshop_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WorkshopPresenter" (
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,

    CONSTRAINT "WorkshopPresenter_pkey" PRIMARY KEY ("workshopId","memberId")
);

-- CreateTable
CREATE TABLE "WorkshopAccountManager" (
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "seatLimit" INTEGER,

    CONSTRAINT "WorkshopAccountManager_pkey" PRIMARY KEY ("workshopId","memberId")
);

-- CreateTable
CREATE TABLE "Customer" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Customer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Invite" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "memberId" TEXT NOT NULL,
    "customerId" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "tokenHash" TEXT NOT NULL,
    "tokenSealed" TEXT NOT NULL,
    "seatLimit" INTEGER,
    "expiresAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),
    "revokeReason" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Invite_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Person" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "email" TEXT,
    "name" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "timeZone" TEXT,
    "subject" TEXT,
    "anonymizedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Registration" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "personId" TEXT NOT NULL,
    "inviteId" TEXT,
    "memberId" TEXT,
    "customerId" TEXT,
    "state" "RegistrationState" NOT NULL DEFAULT 'unverified',
    "company" TEXT,
    "jobTitle" TEXT,
    "ordinal" INTEGER,
    "noticeVersion" TEXT NOT NULL,
    "noticeLocale" TEXT NOT NULL,
    "noticeAt" TIMESTAMP(3) NOT NULL,
    "followUpAt" TIMESTAMP(3),
    "confirmedAt" TIMESTAMP(3),
    "cancelledAt" TIMESTAMP(3),
    "checkedInAt" TIMESTAMP(3),
    "consoleOpenedAt" TIMESTAMP(3),
    "offerEndsAt" TIMESTAMP(3),
    "calendarSequence" INTEGER NOT NULL DEFAULT 0,
    "anonymizedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "Registration_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PersonalLink" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "registrationId" TEXT NOT NULL,
    "purpose" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "usedAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "PersonalLink_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AttendeeBrowser" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "registrationId" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "verifiedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMP(3) NOT NULL,
    "revokedAt" TIMESTAMP(3),

    CONSTRAINT "AttendeeBrowser_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SandboxAccount" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "awsAccountId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "state" "AccountState" NOT NULL DEFAULT 'cleaning',
    "ordinal" SERIAL NOT NULL,
    "quarantineReason" TEXT,
    "stateSince" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "coolingUntil" TIMESTAMP(3),
    "lastCleanedAt" TIMESTAMP(3),
    "organizationalUnitId" TEXT,
    "syncedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "SandboxAccount_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Lease" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "holder" "LeaseHolder" NOT NULL,
    "registrationId" TEXT,
    "memberId" TEXT,
    "state" "LeaseState" NOT NULL DEFAULT 'reserved',
    "roleName" TEXT NOT NULL,
    "roleArn" TEXT,
    "lastError" TEXT,
    "canarySealed" TEXT,
    "canaryAllowedAt" TIMESTAMP(3),
    "reservedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "readyAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),
    "provedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "Lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ClosingStep" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT NOT NULL,
    "leaseId" TEXT,
    "name" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "state" "StepState" NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "ClosingStep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Cleanup" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "leaseId" TEXT,
    "cause" TEXT NOT NULL,
    "state" "CleanupState" NOT NULL DEFAULT 'running',
    "reason" TEXT,
    "pass" INTEGER NOT NULL DEFAULT 1,
    "regions" TEXT[],
    "checksPerPass" INTEGER NOT NULL DEFAULT 0,
    "found" INTEGER NOT NULL DEFAULT 0,
    "removed" INTEGER NOT NULL DEFAULT 0,
    "remaining" INTEGER NOT NULL DEFAULT 0,
    "unknown" INTEGER NOT NULL DEFAULT 0,
    "calls" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeatAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "Cleanup_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CleanupCheck" (
    "cleanupId" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "pass" INTEGER NOT NULL,
    "service" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "reason" TEXT,

    CONSTRAINT "CleanupCheck_pkey" PRIMARY KEY ("cleanupId","pass","type","region")
);

-- CreateTable
CREATE TABLE "CleanupResource" (
    "cleanupId" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "resourceId" TEXT NOT NULL,
    "pass" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,

    CONSTRAINT "CleanupResource_pkey" PRIMARY KEY ("cleanupId","type","region","resourceId")
);

-- CreateTable
CREATE TABLE "Message" (
    "id" TEXT NOT NULL,
    "teamId" TEXT,
    "kind" TEXT NOT NULL,
    "recipientKey" TEXT NOT NULL,
    "occurrence" TEXT NOT NULL,
    "workshopId" TEXT,
    "registrationId" TEXT,
    "memberId" TEXT,
    "inviteId" TEXT,
    "attemptId" TEXT,
    "locale" TEXT NOT NULL DEFAULT 'en',
    "data" JSONB NOT NULL DEFAULT '{}',
    "urgent" BOOLEAN NOT NULL DEFAULT false,
    "state" "MessageState" NOT NULL DEFAULT 'queued',
    "dueAt" TIMESTAMP(3) NOT NULL,
    "notAfter" TIMESTAMP(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "lastError" TEXT,
    "providerId" TEXT,
    "sendingSince" TIMESTAMP(3),
    "sentAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Activity" (
    "id" BIGSERIAL NOT NULL,
    "teamId" TEXT NOT NULL,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" TEXT NOT NULL,
    "workshopId" TEXT,
    "inviteId" TEXT,
    "memberId" TEXT,
    "customerId" TEXT,

    CONSTRAINT "Activity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEntry" (
    "id" TEXT NOT NULL,
    "ordinal" BIGSERIAL NOT NULL,
    "teamId" TEXT,
    "at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "action" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "entityId" TEXT NOT NULL,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditSeal" (
    "entryId" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "previousHash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "sealedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuditSeal_pkey" PRIMARY KEY ("entryId")
);

-- CreateTable
CREATE TABLE "RateLimit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "RateLimit_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "Team_slug_key" ON "Team"("slug");

-- CreateIndex
CREATE UNIQUE INDEX "Identity_email_key" ON "Identity"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Identity_subject_key" ON "Identity"("subject");

-- CreateIndex
CREATE UNIQUE INDEX "Member_teamId_id_key" ON "Member"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Member_teamId_identityId_key" ON "Member"("teamId", "identityId");

-- CreateIndex
CREATE UNIQUE INDEX "Session_tokenHash_key" ON "Session"("tokenHash");

-- CreateIndex
CREATE INDEX "Session_identityId_idx" ON "Session"("identityId");

-- CreateIndex
CREATE INDEX "SignInAttempt_emailHash_createdAt_idx" ON "SignInAttempt"("emailHash", "createdAt");

-- CreateIndex
CREATE INDEX "SignInAttempt_registrationId_idx" ON "SignInAttempt"("registrationId");

-- CreateIndex
CREATE UNIQUE INDEX "SandboxProfile_teamId_id_key" ON "SandboxProfile"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "SandboxProfile_teamId_name_key" ON "SandboxProfile"("teamId", "name");

-- CreateIndex
CREATE INDEX "Workshop_teamId_state_startsAt_idx" ON "Workshop"("teamId", "state", "startsAt");

-- CreateIndex
CREATE INDEX "Workshop_state_startsAt_idx" ON "Workshop"("state", "startsAt");

-- CreateIndex
CREATE INDEX "Workshop_state_anonymizeAt_idx" ON "Workshop"("state", "anonymizeAt");

-- CreateIndex
CREATE UNIQUE INDEX "Workshop_teamId_id_key" ON "Workshop"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_teamId_id_key" ON "Customer"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_teamId_name_key" ON "Customer"("teamId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "Invite_tokenHash_key" ON "Invite"("tokenHash");

-- CreateIndex
CREATE INDEX "Invite_workshopId_memberId_idx" ON "Invite"("workshopId", "memberId");

-- CreateIndex
CREATE UNIQUE INDEX "Invite_teamId_id_key" ON "Invite"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Person_teamId_id_key" ON "Person"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Person_teamId_email_key" ON "Person"("teamId", "email");

-- CreateIndex
CREATE INDEX "Registration_workshopId_state_ordinal_idx" ON "Registration"("workshopId", "state", "ordinal");

-- CreateIndex
CREATE INDEX "Registration_personId_idx" ON "Registration"("personId");

-- CreateIndex
CREATE INDEX "Registration_teamId_memberId_idx" ON "Registration"("teamId", "memberId");

-- CreateIndex
CREATE UNIQUE INDEX "Registration_teamId_id_key" ON "Registration"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "PersonalLink_tokenHash_key" ON "PersonalLink"("tokenHash");

-- CreateIndex
CREATE INDEX "PersonalLink_registrationId_idx" ON "PersonalLink"("registrationId");

-- CreateIndex
CREATE INDEX "AttendeeBrowser_registrationId_idx" ON "AttendeeBrowser"("registrationId");

-- CreateIndex
CREATE UNIQUE INDEX "AttendeeBrowser_tokenHash_registrationId_key" ON "AttendeeBrowser"("tokenHash", "registrationId");

-- CreateIndex
CREATE UNIQUE INDEX "SandboxAccount_awsAccountId_key" ON "SandboxAccount"("awsAccountId");

-- CreateIndex
CREATE INDEX "SandboxAccount_teamId_state_idx" ON "SandboxAccount"("teamId", "state");

-- CreateIndex
CREATE UNIQUE INDEX "SandboxAccount_teamId_id_key" ON "SandboxAccount"("teamId", "id");

-- CreateIndex
CREATE INDEX "Lease_workshopId_state_idx" ON "Lease"("workshopId", "state");

-- CreateIndex
CREATE INDEX "Lease_accountId_idx" ON "Lease"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "Lease_teamId_id_key" ON "Lease"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "ClosingStep_workshopId_subject_name_key" ON "ClosingStep"("workshopId", "subject", "name");

-- CreateIndex
CREATE INDEX "Cleanup_accountId_startedAt_idx" ON "Cleanup"("accountId", "startedAt");

-- CreateIndex
CREATE UNIQUE INDEX "Cleanup_teamId_id_key" ON "Cleanup"("teamId", "id");

-- CreateIndex
CREATE INDEX "Message_state_dueAt_idx" ON "Message"("state", "dueAt");

-- CreateIndex
CREATE INDEX "Message_workshopId_idx" ON "Message"("workshopId");

-- CreateIndex
CREATE UNIQUE INDEX "Message_kind_recipientKey_occurrence_key" ON "Message"("kind", "recipientKey", "occurrence");

-- CreateIndex
CREATE INDEX "Activity_teamId_workshopId_kind_idx" ON "Activity"("teamId", "workshopId", "kind");

-- CreateIndex
CREATE INDEX "Activity_inviteId_kind_idx" ON "Activity"("inviteId", "kind");

-- CreateIndex
CREATE INDEX "AuditEntry_teamId_entity_entityId_at_idx" ON "AuditEntry"("teamId", "entity", "entityId", "at");

-- CreateIndex
CREATE INDEX "AuditEntry_teamId_ordinal_idx" ON "AuditEntry"("teamId", "ordinal");

-- CreateIndex
CREATE UNIQUE INDEX "AuditSeal_teamId_position_key" ON "AuditSeal"("teamId", "position");

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Member" ADD CONSTRAINT "Member_identityId_fkey" FOREIGN KEY ("identityId") REFERENCES "Identity"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_identityId_fkey" FOREIGN KEY ("identityId") REFERENCES "Identity"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SandboxProfile" ADD CONSTRAINT "SandboxProfile_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Workshop" ADD CONSTRAINT "Workshop_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Workshop" ADD CONSTRAINT "Workshop_teamId_sandboxProfileId_fkey" FOREIGN KEY ("teamId", "sandboxProfileId") REFERENCES "SandboxProfile"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkshopPresenter" ADD CONSTRAINT "WorkshopPresenter_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkshopPresenter" ADD CONSTRAINT "WorkshopPresenter_teamId_memberId_fkey" FOREIGN KEY ("teamId", "memberId") REFERENCES "Member"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkshopAccountManager" ADD CONSTRAINT "WorkshopAccountManager_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WorkshopAccountManager" ADD CONSTRAINT "WorkshopAccountManager_teamId_memberId_fkey" FOREIGN KEY ("teamId", "memberId") REFERENCES "Member"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Customer" ADD CONSTRAINT "Customer_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_teamId_memberId_fkey" FOREIGN KEY ("teamId", "memberId") REFERENCES "Member"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_teamId_customerId_fkey" FOREIGN KEY ("teamId", "customerId") REFERENCES "Customer"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Person" ADD CONSTRAINT "Person_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Registration" ADD CONSTRAINT "Registration_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Registration" ADD CONSTRAINT "Registration_teamId_personId_fkey" FOREIGN KEY ("teamId", "personId") REFERENCES "Person"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Registration" ADD CONSTRAINT "Registration_teamId_inviteId_fkey" FOREIGN KEY ("teamId", "inviteId") REFERENCES "Invite"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Registration" ADD CONSTRAINT "Registration_teamId_customerId_fkey" FOREIGN KEY ("teamId", "customerId") REFERENCES "Customer"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PersonalLink" ADD CONSTRAINT "PersonalLink_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AttendeeBrowser" ADD CONSTRAINT "AttendeeBrowser_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SandboxAccount" ADD CONSTRAINT "SandboxAccount_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_teamId_accountId_fkey" FOREIGN KEY ("teamId", "accountId") REFERENCES "SandboxAccount"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_teamId_memberId_fkey" FOREIGN KEY ("teamId", "memberId") REFERENCES "Member"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ClosingStep" ADD CONSTRAINT "ClosingStep_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ClosingStep" ADD CONSTRAINT "ClosingStep_teamId_leaseId_fkey" FOREIGN KEY ("teamId", "leaseId") REFERENCES "Lease"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Cleanup" ADD CONSTRAINT "Cleanup_teamId_accountId_fkey" FOREIGN KEY ("teamId", "accountId") REFERENCES "SandboxAccount"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Cleanup" ADD CONSTRAINT "Cleanup_teamId_leaseId_fkey" FOREIGN KEY ("teamId", "leaseId") REFERENCES "Lease"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CleanupCheck" ADD CONSTRAINT "CleanupCheck_teamId_cleanupId_fkey" FOREIGN KEY ("teamId", "cleanupId") REFERENCES "Cleanup"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CleanupResource" ADD CONSTRAINT "CleanupResource_teamId_cleanupId_fkey" FOREIGN KEY ("teamId", "cleanupId") REFERENCES "Cleanup"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_teamId_registrationId_fkey" FOREIGN KEY ("teamId", "registrationId") REFERENCES "Registration"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;
