-- CreateIndex
CREATE INDEX "Registration_workshopId_ordinal_id_idx" ON "Registration"("workshopId", "ordinal", "id");
