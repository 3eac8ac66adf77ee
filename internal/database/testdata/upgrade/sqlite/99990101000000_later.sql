-- A version that no program has. It stands for a later change of the model in the test of upgrades.
PRAGMA foreign_keys = off;
-- Create "upgrade_probes" table
CREATE TABLE `upgrade_probes` (`id` uuid NOT NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `upgrade_probes_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "upgrade_probes_country_id" to table: "upgrade_probes"
CREATE INDEX `upgrade_probes_country_id` ON `upgrade_probes` (`country_id`);
-- Add column "upgrade_note" to table: "countries"
ALTER TABLE `countries` ADD COLUMN `upgrade_note` text NOT NULL DEFAULT ('none, yet');
UPDATE `countries` SET `upgrade_note` = 'seen; as ''known''';
-- Create index "upgrade_children" to table: "children"
CREATE INDEX `upgrade_children` ON `children` (`created_at`, `version`);
-- Create "new_regions" table
CREATE TABLE `new_regions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `name` json NOT NULL, `parent_id` uuid NULL, `upgrade_rank` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`), CONSTRAINT `regions_regions_parent` FOREIGN KEY (`parent_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL);
-- Copy rows from old table "regions" to new temporary table "new_regions"
INSERT INTO `new_regions` (`id`, `created_at`, `updated_at`, `created_by`, `edited_by`, `version`, `archived_at`, `external_id`, `code`, `name`, `parent_id`) SELECT `id`, `created_at`, `updated_at`, `created_by`, `edited_by`, `version`, `archived_at`, `external_id`, `code`, `name`, `parent_id` FROM `regions`;
-- Drop "regions" table after copying rows
DROP TABLE `regions`;
-- Rename temporary table "new_regions" to "regions"
ALTER TABLE `new_regions` RENAME TO `regions`;
-- Create index "region_parent_id_created_at_id" to table: "regions"
CREATE INDEX `region_parent_id_created_at_id` ON `regions` (`parent_id`, `created_at`, `id`);
PRAGMA foreign_keys = on;
