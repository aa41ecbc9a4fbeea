-- AlterTable
ALTER TABLE "Lease" ADD COLUMN     "budgetLevel" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Lease" ADD CONSTRAINT "Lease_budgetLevel_check" CHECK ("budgetLevel" IN (0, 80, 100));
