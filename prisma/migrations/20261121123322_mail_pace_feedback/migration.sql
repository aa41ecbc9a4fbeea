-- CreateTable
CREATE TABLE "MailPace" (
    "id" TEXT NOT NULL,
    "perSecond" DOUBLE PRECISION NOT NULL,
    "perDay" INTEGER,
    "sentLastDay" INTEGER NOT NULL DEFAULT 0,
    "sentSince" INTEGER NOT NULL DEFAULT 0,
    "readAt" TIMESTAMP(3) NOT NULL,
    "nextMilliseconds" DOUBLE PRECISION NOT NULL DEFAULT 0,

    CONSTRAINT "MailPace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MailNotice" (
    "id" TEXT NOT NULL,
    "receivedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "MailNotice_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SuppressedAddress" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "detail" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "SuppressedAddress_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "MailNotice_receivedAt_idx" ON "MailNotice"("receivedAt");

-- CreateIndex
CREATE UNIQUE INDEX "SuppressedAddress_teamId_email_reason_key" ON "SuppressedAddress"("teamId", "email", "reason");

-- AddForeignKey
ALTER TABLE "SuppressedAddress" ADD CONSTRAINT "SuppressedAddress_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Counts are never negative; reasons are those of the code; addresses compare as in Person.
ALTER TABLE "MailPace" ADD CONSTRAINT "MailPace_check" CHECK ("perSecond" >= 0 AND "perDay" >= 0 AND "sentLastDay" >= 0 AND "sentSince" >= 0);
ALTER TABLE "SuppressedAddress" ADD CONSTRAINT "SuppressedAddress_reason_check" CHECK ("reason" IN ('bounced', 'complained', 'unsubscribed'));
ALTER TABLE "SuppressedAddress" ADD CONSTRAINT "SuppressedAddress_email_check" CHECK ("email" = lower("email"));
