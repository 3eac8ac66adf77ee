-- Create index "activity_country_id_id" to table: "activities"
CREATE INDEX "activity_country_id_id" ON "activities" ("country_id", "id");
-- Create index "bestinterests_country_id_id" to table: "best_interests_procedures"
CREATE INDEX "bestinterests_country_id_id" ON "best_interests_procedures" ("country_id", "id");
-- Create index "casefile_country_id_id" to table: "case_files"
CREATE INDEX "casefile_country_id_id" ON "case_files" ("country_id", "id");
-- Create index "caseservice_country_id_id" to table: "case_services"
CREATE INDEX "caseservice_country_id_id" ON "case_services" ("country_id", "id");
-- Drop index "change_marks_owner" from table: "change_marks"
DROP INDEX "change_marks_owner";
-- Modify "change_marks" table
ALTER TABLE "change_marks" DROP COLUMN "parent_id", ADD COLUMN "made_at" timestamptz NULL;
-- Create index "change_marks_owner_depth" to table: "change_marks"
CREATE INDEX "change_marks_owner_depth" ON "change_marks" ("owner", "depth", "made_at");
-- Create index "child_country_id_id" to table: "children"
CREATE INDEX "child_country_id_id" ON "children" ("country_id", "id");
-- Create index "commitment_country_id_id" to table: "commitments"
CREATE INDEX "commitment_country_id_id" ON "commitments" ("country_id", "id");
-- Create index "consent_country_id_id" to table: "consents"
CREATE INDEX "consent_country_id_id" ON "consents" ("country_id", "id");
-- Create index "deployment_country_id_id" to table: "deployments"
CREATE INDEX "deployment_country_id_id" ON "deployments" ("country_id", "id");
-- Create index "disposal_country_id_id" to table: "disposals"
CREATE INDEX "disposal_country_id_id" ON "disposals" ("country_id", "id");
-- Create index "emergencyaccess_country_id_id" to table: "emergency_accesses"
CREATE INDEX "emergencyaccess_country_id_id" ON "emergency_accesses" ("country_id", "id");
-- Create index "indicatorvalue_country_id_id" to table: "indicator_values"
CREATE INDEX "indicatorvalue_country_id_id" ON "indicator_values" ("country_id", "id");
-- Create index "interventioncountry_country_id_id" to table: "intervention_countries"
CREATE INDEX "interventioncountry_country_id_id" ON "intervention_countries" ("country_id", "id");
-- Create index "intervention_country_id_id" to table: "interventions"
CREATE INDEX "intervention_country_id_id" ON "interventions" ("country_id", "id");
-- Create index "note_country_id_id" to table: "notes"
CREATE INDEX "note_country_id_id" ON "notes" ("country_id", "id");
-- Create index "office_country_id_id" to table: "offices"
CREATE INDEX "office_country_id_id" ON "offices" ("country_id", "id");
-- Create index "partner_country_id_id" to table: "partners"
CREATE INDEX "partner_country_id_id" ON "partners" ("country_id", "id");
-- Create index "place_country_id_id" to table: "places"
CREATE INDEX "place_country_id_id" ON "places" ("country_id", "id");
-- Create index "referral_country_id_id" to table: "referrals"
CREATE INDEX "referral_country_id_id" ON "referrals" ("country_id", "id");
-- Create index "retentionrule_country_id_id" to table: "retention_rules"
CREATE INDEX "retentionrule_country_id_id" ON "retention_rules" ("country_id", "id");
-- Create index "subjectrequest_country_id_id" to table: "subject_requests"
CREATE INDEX "subjectrequest_country_id_id" ON "subject_requests" ("country_id", "id");
-- Create index "user_country_id_id" to table: "users"
CREATE INDEX "user_country_id_id" ON "users" ("country_id", "id");
-- Create index "volunteer_country_id_id" to table: "volunteers"
CREATE INDEX "volunteer_country_id_id" ON "volunteers" ("country_id", "id");
-- Create "change_positions" table
CREATE TABLE "change_positions" ("id" uuid NOT NULL, "owner" character varying NOT NULL COLLATE "C", "feed_position" text NOT NULL COLLATE "C", "compared" bytea NOT NULL, "begun_at" timestamptz NOT NULL, "read_at" timestamptz NOT NULL, PRIMARY KEY ("id"));
-- Create index "change_positions_owner" to table: "change_positions"
CREATE INDEX "change_positions_owner" ON "change_positions" ("owner", "read_at");
-- Create index "change_positions_read_at" to table: "change_positions"
CREATE INDEX "change_positions_read_at" ON "change_positions" ("read_at");
