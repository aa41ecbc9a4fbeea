-- AlterTable
ALTER TABLE "Message" ADD COLUMN     "rule" TEXT;

-- AlterTable
ALTER TABLE "Workshop" ADD COLUMN     "materialsUrl" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "surveyUrl" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "MailRule" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "workshopId" TEXT,
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "changedById" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "MailRule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MailRuleRun" (
    "teamId" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "occurrence" TEXT NOT NULL,
    "ranAt" TIMESTAMP(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "made" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "MailRuleRun_pkey" PRIMARY KEY ("teamId","scope","key","occurrence")
);

-- CreateIndex
CREATE INDEX "MailRule_teamId_workshopId_idx" ON "MailRule"("teamId", "workshopId");

-- CreateIndex
CREATE UNIQUE INDEX "MailRule_teamId_scope_key_key" ON "MailRule"("teamId", "scope", "key");

-- AddForeignKey
ALTER TABLE "MailRule" ADD CONSTRAINT "MailRule_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MailRule" ADD CONSTRAINT "MailRule_teamId_workshopId_fkey" FOREIGN KEY ("teamId", "workshopId") REFERENCES "Workshop"("teamId", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A team's default, or one workshop's.
ALTER TABLE "MailRule" ADD CONSTRAINT "MailRule_scope" CHECK ("scope" = coalesce("workshopId", 'team'));
ALTER TABLE "MailRule" ADD CONSTRAINT "MailRule_version" CHECK ("version" >= 1);
ALTER TABLE "MailRuleRun" ADD CONSTRAINT "MailRuleRun_outcome" CHECK ("outcome" IN ('made', 'passed', 'too_late'));
ALTER TABLE "MailRuleRun" ADD CONSTRAINT "MailRuleRun_counts" CHECK ("made" >= 0 AND "skipped" >= 0);
