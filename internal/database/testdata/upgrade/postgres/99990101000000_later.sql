-- A version that no program has. It stands for a later change of the model in the test of upgrades.
-- Create "upgrade_probes" table
CREATE TABLE "upgrade_probes" ("id" uuid NOT NULL, "country_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "upgrade_probes_country" FOREIGN KEY ("country_id") REFERENCES "countries" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- Create index "upgrade_probes_country_id" to table: "upgrade_probes"
CREATE INDEX "upgrade_probes_country_id" ON "upgrade_probes" ("country_id");
-- Modify "countries" table
ALTER TABLE "countries" ADD COLUMN "upgrade_note" character varying NOT NULL DEFAULT 'none, yet' COLLATE "C";
UPDATE "countries" SET "upgrade_note" = 'seen; as ''known''';
-- Create index "upgrade_children" to table: "children"
CREATE INDEX "upgrade_children" ON "children" ("created_at", "version");
-- Modify "regions" table
ALTER TABLE "regions" ALTER COLUMN "external_id" TYPE text, ADD COLUMN "upgrade_rank" bigint NOT NULL DEFAULT 0;
