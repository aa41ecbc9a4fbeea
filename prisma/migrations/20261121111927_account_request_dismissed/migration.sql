-- AlterTable
ALTER TABLE "AccountRequest" ADD COLUMN     "dismissedAt" TIMESTAMP(3);
