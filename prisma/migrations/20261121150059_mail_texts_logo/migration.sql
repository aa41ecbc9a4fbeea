-- AlterTable
ALTER TABLE "SuppressedAddress" ADD COLUMN     "removedAt" TIMESTAMP(3);

-- CreateTable
CREATE TABLE "MailText" (
    "id" TEXT NOT NULL,
    "teamId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "locale" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "headline" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "MailText_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TeamLogo" (
    "teamId" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "mediaType" TEXT NOT NULL,
    "width" INTEGER NOT NULL,
    "height" INTEGER NOT NULL,
    "updatedAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "TeamLogo_pkey" PRIMARY KEY ("teamId")
);

-- CreateIndex
CREATE UNIQUE INDEX "MailText_teamId_kind_locale_key" ON "MailText"("teamId", "kind", "locale");

-- AddForeignKey
ALTER TABLE "MailText" ADD CONSTRAINT "MailText_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TeamLogo" ADD CONSTRAINT "TeamLogo_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Pictures are small and of the kinds that mail programs show; versions rise.
ALTER TABLE "TeamLogo" ADD CONSTRAINT "TeamLogo_check" CHECK ("mediaType" IN ('image/png', 'image/jpeg') AND octet_length("bytes") BETWEEN 1 AND 204800 AND "width" > 0 AND "height" > 0);
ALTER TABLE "MailText" ADD CONSTRAINT "MailText_version_check" CHECK ("version" >= 1);
