-- Create "registered_documents" table
CREATE TABLE `registered_documents` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `updated_by` uuid NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `hash` text NOT NULL, `name` text NOT NULL, `text` text NOT NULL, PRIMARY KEY (`id`));
-- Create index "registereddocument_created_at_id" to table: "registered_documents"
CREATE INDEX `registereddocument_created_at_id` ON `registered_documents` (`created_at`, `id`);
-- Create index "registereddocument_external_id" to table: "registered_documents"
CREATE INDEX `registereddocument_external_id` ON `registered_documents` (`external_id`);
-- Create index "registereddocument_updated_at" to table: "registered_documents"
CREATE INDEX `registereddocument_updated_at` ON `registered_documents` (`updated_at`);
-- Create index "registereddocument_version" to table: "registered_documents"
CREATE INDEX `registereddocument_version` ON `registered_documents` (`version`);
-- Create index "registereddocument_hash" to table: "registered_documents"
CREATE INDEX `registereddocument_hash` ON `registered_documents` (`hash`);
-- Create index "registereddocument_name" to table: "registered_documents"
CREATE INDEX `registereddocument_name` ON `registered_documents` (`name`);
-- Create "hub_answers" table
CREATE TABLE `hub_answers` (`id` text NOT NULL, `payload` text NOT NULL, `claim` text NOT NULL, `claimed_until` integer NOT NULL, `kept_until` integer NOT NULL, `answer` text NULL, PRIMARY KEY (`id`));
-- Create index "hub_answers_kept_until" to table: "hub_answers"
CREATE INDEX `hub_answers_kept_until` ON `hub_answers` (`kept_until`);
