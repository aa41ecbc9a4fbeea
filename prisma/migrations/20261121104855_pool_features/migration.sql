-- CreateEnum
CREATE TYPE "CredentialKind" AS ENUM ('role', 'iam_user');

-- AlterTable
ALTER TABLE "Cleanup" ADD COLUMN     "machine" TEXT NOT NULL DEFAULT 'worker',
ADD COLUMN     "taskArn" TEXT,
ADD COLUMN     "taskStopReason" TEXT,
ADD COLUMN     "taskStoppedAt" TIMESTAMP(3);

-- AlterTable
ALTER TABLE "ClosingStep" ADD COLUMN     "detail" JSONB;

-- AlterTable
ALTER TABLE "Lease" ADD COLUMN     "budgetAlarmAt" TIMESTAMP(3),
ADD COLUMN     "frozenAt" TIMESTAMP(3),
ADD COLUMN     "replacesId" TEXT,
ADD COLUMN     "spentAt" TIMESTAMP(3),
ADD COLUMN     "spentMinor" INTEGER,
ADD COLUMN     "stackError" TEXT,
ADD COLUMN     "stackOutputs" JSONB,
ADD COLUMN     "stackState" TEXT;

-- AlterTable
ALTER TABLE "SandboxAccount" ADD COLUMN     "problem" TEXT;

-- AlterTable
ALTER TABLE "SandboxProfile" ADD COLUMN     "budgetCurrency" TEXT NOT NULL DEFAULT 'USD',
ADD COLUMN     "budgetFreeze" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "budgetMinor" INTEGER,
ADD COLUMN     "credentialKind" "CredentialKind" NOT NULL DEFAULT 'role',
ADD COLUMN     "stackParameters" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "stackTemplate" TEXT,
ADD COLUMN     "updatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP;

-- AlterTable
ALTER TABLE "Team" ADD COLUMN     "accountEmailPattern" TEXT;

-- AlterTable
ALTER TABLE "Workshop" ADD COLUMN     "prewarmMinutes" INTEGER,
ADD COLUMN     "spares" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "AccountRequest" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "createRequestId" TEXT,
    "awsAccountId" TEXT,
    "lastError" TEXT,
    "requestedById" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMP(3),
    "endedAt" TIMESTAMP(3),

    CONSTRAINT "AccountRequest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Credential" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "leaseId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "sealed" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "shownAt" TIMESTAMP(3),
    "revokedAt" TIMESTAMP(3),
    "provedAt" TIMESTAMP(3),

    CONSTRAINT "Credential_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AccountRequest_teamId_state_idx" ON "AccountRequest"("teamId", "state");

-- CreateIndex
CREATE UNIQUE INDEX "AccountRequest_teamId_id_key" ON "AccountRequest"("teamId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "AccountRequest_email_key" ON "AccountRequest"("email");

-- CreateIndex
CREATE INDEX "Credential_teamId_leaseId_idx" ON "Credential"("teamId", "leaseId");

-- CreateIndex
CREATE UNIQUE INDEX "Credential_leaseId_kind_reference_key" ON "Credential"("leaseId", "kind", "reference");

-- AddForeignKey
ALTER TABLE "AccountRequest" ADD CONSTRAINT "AccountRequest_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Credential" ADD CONSTRAINT "Credential_teamId_leaseId_fkey" FOREIGN KEY ("teamId", "leaseId") REFERENCES "Lease"("teamId", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Money, counts and times are never negative; states are those of the code.
ALTER TABLE "SandboxProfile" ADD CONSTRAINT "SandboxProfile_budget_check" CHECK ("budgetMinor" IS NULL OR "budgetMinor" > 0);
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_spent_check" CHECK ("spentMinor" IS NULL OR "spentMinor" >= 0);
ALTER TABLE "Lease" ADD CONSTRAINT "Lease_stackState_check" CHECK ("stackState" IN ('pending', 'creating', 'done', 'failed'));
ALTER TABLE "Workshop" ADD CONSTRAINT "Workshop_spares_check" CHECK ("spares" >= 0);
ALTER TABLE "Workshop" ADD CONSTRAINT "Workshop_prewarm_check" CHECK ("prewarmMinutes" IS NULL OR "prewarmMinutes" > 0);
ALTER TABLE "AccountRequest" ADD CONSTRAINT "AccountRequest_state_check" CHECK ("state" IN ('queued', 'creating', 'created', 'failed'));
ALTER TABLE "Credential" ADD CONSTRAINT "Credential_kind_check" CHECK ("kind" IN ('role', 'user', 'access_key', 'password'));
