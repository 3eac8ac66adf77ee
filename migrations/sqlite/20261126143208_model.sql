-- Create "access_events" table
CREATE TABLE `access_events` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `sequence` integer NOT NULL, `at` datetime NOT NULL, `actor` text NOT NULL, `capacity` text NOT NULL, `purpose` text NULL, `operation_hash` text NOT NULL, `entity` text NOT NULL, `decision` text NOT NULL, `policy_version` text NOT NULL, `subjects` json NOT NULL, `rows` integer NOT NULL, `clear_cells` integer NOT NULL, PRIMARY KEY (`id`));
-- Create index "accessevent_created_at_id" to table: "access_events"
CREATE INDEX `accessevent_created_at_id` ON `access_events` (`created_at`, `id`);
-- Create index "accessevent_external_id" to table: "access_events"
CREATE INDEX `accessevent_external_id` ON `access_events` (`external_id`);
-- Create index "accessevent_sequence" to table: "access_events"
CREATE UNIQUE INDEX `accessevent_sequence` ON `access_events` (`sequence`) WHERE archived_at IS NULL;
-- Create index "accessevent_updated_at" to table: "access_events"
CREATE INDEX `accessevent_updated_at` ON `access_events` (`updated_at`);
-- Create index "accessevent_version" to table: "access_events"
CREATE INDEX `accessevent_version` ON `access_events` (`version`);
-- Create index "accessevent_at" to table: "access_events"
CREATE INDEX `accessevent_at` ON `access_events` (`at`);
-- Create index "accessevent_actor" to table: "access_events"
CREATE INDEX `accessevent_actor` ON `access_events` (`actor`);
-- Create index "accessevent_capacity" to table: "access_events"
CREATE INDEX `accessevent_capacity` ON `access_events` (`capacity`);
-- Create index "accessevent_purpose" to table: "access_events"
CREATE INDEX `accessevent_purpose` ON `access_events` (`purpose`);
-- Create index "accessevent_operation_hash" to table: "access_events"
CREATE INDEX `accessevent_operation_hash` ON `access_events` (`operation_hash`);
-- Create index "accessevent_entity" to table: "access_events"
CREATE INDEX `accessevent_entity` ON `access_events` (`entity`);
-- Create index "accessevent_decision" to table: "access_events"
CREATE INDEX `accessevent_decision` ON `access_events` (`decision`);
-- Create index "accessevent_policy_version" to table: "access_events"
CREATE INDEX `accessevent_policy_version` ON `access_events` (`policy_version`);
-- Create index "accessevent_rows" to table: "access_events"
CREATE INDEX `accessevent_rows` ON `access_events` (`rows`);
-- Create index "accessevent_clear_cells" to table: "access_events"
CREATE INDEX `accessevent_clear_cells` ON `access_events` (`clear_cells`);
-- Create "access_tokens" table
CREATE TABLE `access_tokens` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `title` text NOT NULL, `hash` text NOT NULL, `scopes` json NOT NULL, `expires_at` datetime NOT NULL, `revoked_at` datetime NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `access_tokens_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- Create index "accesstoken_user_id_created_at_id" to table: "access_tokens"
CREATE INDEX `accesstoken_user_id_created_at_id` ON `access_tokens` (`user_id`, `created_at`, `id`);
-- Create index "accesstoken_created_at_id" to table: "access_tokens"
CREATE INDEX `accesstoken_created_at_id` ON `access_tokens` (`created_at`, `id`);
-- Create index "accesstoken_external_id" to table: "access_tokens"
CREATE INDEX `accesstoken_external_id` ON `access_tokens` (`external_id`);
-- Create index "accesstoken_hash" to table: "access_tokens"
CREATE UNIQUE INDEX `accesstoken_hash` ON `access_tokens` (`hash`) WHERE archived_at IS NULL;
-- Create index "accesstoken_updated_at" to table: "access_tokens"
CREATE INDEX `accesstoken_updated_at` ON `access_tokens` (`updated_at`);
-- Create index "accesstoken_version" to table: "access_tokens"
CREATE INDEX `accesstoken_version` ON `access_tokens` (`version`);
-- Create index "accesstoken_title" to table: "access_tokens"
CREATE INDEX `accesstoken_title` ON `access_tokens` (`title`);
-- Create index "accesstoken_expires_at" to table: "access_tokens"
CREATE INDEX `accesstoken_expires_at` ON `access_tokens` (`expires_at`);
-- Create index "accesstoken_revoked_at" to table: "access_tokens"
CREATE INDEX `accesstoken_revoked_at` ON `access_tokens` (`revoked_at`);
-- Create "activities" table
CREATE TABLE `activities` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `title` json NOT NULL, `starts_on` date NULL, `ends_on` date NULL, `modality` text NOT NULL DEFAULT ('in_person'), `planned_women` integer NULL, `planned_men` integer NULL, `competencies` json NOT NULL, `materials` json NOT NULL, `cost` integer NULL, `currency` text NULL, `notes` text NULL, `state` text NOT NULL DEFAULT ('planned'), `intervention_id` uuid NOT NULL, `country_id` uuid NULL, `place_id` uuid NULL, `office_id` uuid NULL, `partner_id` uuid NULL, `responsible_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `activities_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE NO ACTION, CONSTRAINT `activities_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL, CONSTRAINT `activities_places_place` FOREIGN KEY (`place_id`) REFERENCES `places` (`id`) ON DELETE SET NULL, CONSTRAINT `activities_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `activities_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL, CONSTRAINT `activities_users_responsible` FOREIGN KEY (`responsible_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "activity_intervention_id_created_at_id" to table: "activities"
CREATE INDEX `activity_intervention_id_created_at_id` ON `activities` (`intervention_id`, `created_at`, `id`);
-- Create index "activity_country_id_created_at_id" to table: "activities"
CREATE INDEX `activity_country_id_created_at_id` ON `activities` (`country_id`, `created_at`, `id`);
-- Create index "activity_place_id_created_at_id" to table: "activities"
CREATE INDEX `activity_place_id_created_at_id` ON `activities` (`place_id`, `created_at`, `id`);
-- Create index "activity_office_id_created_at_id" to table: "activities"
CREATE INDEX `activity_office_id_created_at_id` ON `activities` (`office_id`, `created_at`, `id`);
-- Create index "activity_office_id_country_id_created_at_id" to table: "activities"
CREATE INDEX `activity_office_id_country_id_created_at_id` ON `activities` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "activity_partner_id_created_at_id" to table: "activities"
CREATE INDEX `activity_partner_id_created_at_id` ON `activities` (`partner_id`, `created_at`, `id`);
-- Create index "activity_responsible_id_created_at_id" to table: "activities"
CREATE INDEX `activity_responsible_id_created_at_id` ON `activities` (`responsible_id`, `created_at`, `id`);
-- Create index "activity_created_at_id" to table: "activities"
CREATE INDEX `activity_created_at_id` ON `activities` (`created_at`, `id`);
-- Create index "activity_external_id" to table: "activities"
CREATE INDEX `activity_external_id` ON `activities` (`external_id`);
-- Create index "activity_updated_at" to table: "activities"
CREATE INDEX `activity_updated_at` ON `activities` (`updated_at`);
-- Create index "activity_version" to table: "activities"
CREATE INDEX `activity_version` ON `activities` (`version`);
-- Create index "activity_kind" to table: "activities"
CREATE INDEX `activity_kind` ON `activities` (`kind`);
-- Create index "activity_starts_on" to table: "activities"
CREATE INDEX `activity_starts_on` ON `activities` (`starts_on`);
-- Create index "activity_ends_on" to table: "activities"
CREATE INDEX `activity_ends_on` ON `activities` (`ends_on`);
-- Create index "activity_modality" to table: "activities"
CREATE INDEX `activity_modality` ON `activities` (`modality`);
-- Create index "activity_planned_women" to table: "activities"
CREATE INDEX `activity_planned_women` ON `activities` (`planned_women`);
-- Create index "activity_planned_men" to table: "activities"
CREATE INDEX `activity_planned_men` ON `activities` (`planned_men`);
-- Create index "activity_cost" to table: "activities"
CREATE INDEX `activity_cost` ON `activities` (`cost`);
-- Create index "activity_currency" to table: "activities"
CREATE INDEX `activity_currency` ON `activities` (`currency`);
-- Create index "activity_state" to table: "activities"
CREATE INDEX `activity_state` ON `activities` (`state`);
-- Create "audit_grants" table
CREATE TABLE `audit_grants` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `engagement` text NOT NULL, `purpose` text NOT NULL, `country_ids` json NOT NULL, `intervention_ids` json NOT NULL, `entities` json NOT NULL, `period_start` date NULL, `period_end` date NULL, `valid_from` datetime NOT NULL, `valid_until` datetime NOT NULL, `daily_row_budget` integer NOT NULL DEFAULT (5000), `rows_used` integer NOT NULL DEFAULT (0), `used_on` date NULL, `state` text NOT NULL DEFAULT ('requested'), `auditor_id` uuid NOT NULL, `approved_by_id` uuid NULL, `second_approved_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `audit_grants_users_auditor` FOREIGN KEY (`auditor_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `audit_grants_users_approved_by` FOREIGN KEY (`approved_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `audit_grants_users_second_approved_by` FOREIGN KEY (`second_approved_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "auditgrant_auditor_id_created_at_id" to table: "audit_grants"
CREATE INDEX `auditgrant_auditor_id_created_at_id` ON `audit_grants` (`auditor_id`, `created_at`, `id`);
-- Create index "auditgrant_approved_by_id_created_at_id" to table: "audit_grants"
CREATE INDEX `auditgrant_approved_by_id_created_at_id` ON `audit_grants` (`approved_by_id`, `created_at`, `id`);
-- Create index "auditgrant_second_approved_by_id_created_at_id" to table: "audit_grants"
CREATE INDEX `auditgrant_second_approved_by_id_created_at_id` ON `audit_grants` (`second_approved_by_id`, `created_at`, `id`);
-- Create index "auditgrant_created_at_id" to table: "audit_grants"
CREATE INDEX `auditgrant_created_at_id` ON `audit_grants` (`created_at`, `id`);
-- Create index "auditgrant_external_id" to table: "audit_grants"
CREATE INDEX `auditgrant_external_id` ON `audit_grants` (`external_id`);
-- Create index "auditgrant_updated_at" to table: "audit_grants"
CREATE INDEX `auditgrant_updated_at` ON `audit_grants` (`updated_at`);
-- Create index "auditgrant_version" to table: "audit_grants"
CREATE INDEX `auditgrant_version` ON `audit_grants` (`version`);
-- Create index "auditgrant_engagement" to table: "audit_grants"
CREATE INDEX `auditgrant_engagement` ON `audit_grants` (`engagement`);
-- Create index "auditgrant_purpose" to table: "audit_grants"
CREATE INDEX `auditgrant_purpose` ON `audit_grants` (`purpose`);
-- Create index "auditgrant_period_start" to table: "audit_grants"
CREATE INDEX `auditgrant_period_start` ON `audit_grants` (`period_start`);
-- Create index "auditgrant_period_end" to table: "audit_grants"
CREATE INDEX `auditgrant_period_end` ON `audit_grants` (`period_end`);
-- Create index "auditgrant_valid_from" to table: "audit_grants"
CREATE INDEX `auditgrant_valid_from` ON `audit_grants` (`valid_from`);
-- Create index "auditgrant_valid_until" to table: "audit_grants"
CREATE INDEX `auditgrant_valid_until` ON `audit_grants` (`valid_until`);
-- Create index "auditgrant_daily_row_budget" to table: "audit_grants"
CREATE INDEX `auditgrant_daily_row_budget` ON `audit_grants` (`daily_row_budget`);
-- Create index "auditgrant_state" to table: "audit_grants"
CREATE INDEX `auditgrant_state` ON `audit_grants` (`state`);
-- Create "best_interests_procedures" table
CREATE TABLE `best_interests_procedures` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `options` text NULL, `child_views` text NULL, `decision` text NULL, `panel` json NOT NULL, `decided_on` date NULL, `review_on` date NULL, `state` text NOT NULL DEFAULT ('opened'), `case_file_id` uuid NOT NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `best_interests_procedures_case_files_case_file` FOREIGN KEY (`case_file_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION, CONSTRAINT `best_interests_procedures_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "bestinterests_case_file_id_created_at_id" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_case_file_id_created_at_id` ON `best_interests_procedures` (`case_file_id`, `created_at`, `id`);
-- Create index "bestinterests_country_id_created_at_id" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_country_id_created_at_id` ON `best_interests_procedures` (`country_id`, `created_at`, `id`);
-- Create index "bestinterests_created_at_id" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_created_at_id` ON `best_interests_procedures` (`created_at`, `id`);
-- Create index "bestinterests_external_id" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_external_id` ON `best_interests_procedures` (`external_id`);
-- Create index "bestinterests_updated_at" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_updated_at` ON `best_interests_procedures` (`updated_at`);
-- Create index "bestinterests_version" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_version` ON `best_interests_procedures` (`version`);
-- Create index "bestinterests_kind" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_kind` ON `best_interests_procedures` (`kind`);
-- Create index "bestinterests_decided_on" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_decided_on` ON `best_interests_procedures` (`decided_on`);
-- Create index "bestinterests_review_on" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_review_on` ON `best_interests_procedures` (`review_on`);
-- Create index "bestinterests_state" to table: "best_interests_procedures"
CREATE INDEX `bestinterests_state` ON `best_interests_procedures` (`state`);
-- Create "case_files" table
CREATE TABLE `case_files` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `opened_on` date NULL, `closed_on` date NULL, `source` text NOT NULL DEFAULT ('other'), `concerns` json NOT NULL, `risk` text NOT NULL DEFAULT ('medium'), `status` text NOT NULL DEFAULT ('open'), `stage` text NOT NULL DEFAULT ('identification'), `summary` text NULL, `synthetic` bool NOT NULL DEFAULT (false), `child_id` uuid NOT NULL, `country_id` uuid NOT NULL, `office_id` uuid NULL, `partner_id` uuid NULL, `intervention_id` uuid NULL, `owner_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `case_files_children_child` FOREIGN KEY (`child_id`) REFERENCES `children` (`id`) ON DELETE NO ACTION, CONSTRAINT `case_files_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `case_files_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `case_files_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL, CONSTRAINT `case_files_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL, CONSTRAINT `case_files_users_owner` FOREIGN KEY (`owner_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "casefile_child_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_child_id_created_at_id` ON `case_files` (`child_id`, `created_at`, `id`);
-- Create index "casefile_country_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_country_id_created_at_id` ON `case_files` (`country_id`, `created_at`, `id`);
-- Create index "casefile_office_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_office_id_created_at_id` ON `case_files` (`office_id`, `created_at`, `id`);
-- Create index "casefile_office_id_country_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_office_id_country_id_created_at_id` ON `case_files` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "casefile_partner_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_partner_id_created_at_id` ON `case_files` (`partner_id`, `created_at`, `id`);
-- Create index "casefile_intervention_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_intervention_id_created_at_id` ON `case_files` (`intervention_id`, `created_at`, `id`);
-- Create index "casefile_owner_id_created_at_id" to table: "case_files"
CREATE INDEX `casefile_owner_id_created_at_id` ON `case_files` (`owner_id`, `created_at`, `id`);
-- Create index "casefile_created_at_id" to table: "case_files"
CREATE INDEX `casefile_created_at_id` ON `case_files` (`created_at`, `id`);
-- Create index "casefile_external_id" to table: "case_files"
CREATE INDEX `casefile_external_id` ON `case_files` (`external_id`);
-- Create index "casefile_updated_at" to table: "case_files"
CREATE INDEX `casefile_updated_at` ON `case_files` (`updated_at`);
-- Create index "casefile_version" to table: "case_files"
CREATE INDEX `casefile_version` ON `case_files` (`version`);
-- Create index "casefile_code" to table: "case_files"
CREATE INDEX `casefile_code` ON `case_files` (`code`);
-- Create index "casefile_opened_on" to table: "case_files"
CREATE INDEX `casefile_opened_on` ON `case_files` (`opened_on`);
-- Create index "casefile_closed_on" to table: "case_files"
CREATE INDEX `casefile_closed_on` ON `case_files` (`closed_on`);
-- Create index "casefile_source" to table: "case_files"
CREATE INDEX `casefile_source` ON `case_files` (`source`);
-- Create index "casefile_risk" to table: "case_files"
CREATE INDEX `casefile_risk` ON `case_files` (`risk`);
-- Create index "casefile_status" to table: "case_files"
CREATE INDEX `casefile_status` ON `case_files` (`status`);
-- Create index "casefile_stage" to table: "case_files"
CREATE INDEX `casefile_stage` ON `case_files` (`stage`);
-- Create index "casefile_synthetic" to table: "case_files"
CREATE INDEX `casefile_synthetic` ON `case_files` (`synthetic`);
-- Create "case_services" table
CREATE TABLE `case_services` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `due_on` date NULL, `done_on` date NULL, `outcome` text NULL, `approval` text NOT NULL DEFAULT ('requested'), `case_file_id` uuid NOT NULL, `country_id` uuid NOT NULL, `provider_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `case_services_case_files_case_file` FOREIGN KEY (`case_file_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION, CONSTRAINT `case_services_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `case_services_partners_provider` FOREIGN KEY (`provider_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL);
-- Create index "caseservice_case_file_id_created_at_id" to table: "case_services"
CREATE INDEX `caseservice_case_file_id_created_at_id` ON `case_services` (`case_file_id`, `created_at`, `id`);
-- Create index "caseservice_country_id_created_at_id" to table: "case_services"
CREATE INDEX `caseservice_country_id_created_at_id` ON `case_services` (`country_id`, `created_at`, `id`);
-- Create index "caseservice_provider_id_created_at_id" to table: "case_services"
CREATE INDEX `caseservice_provider_id_created_at_id` ON `case_services` (`provider_id`, `created_at`, `id`);
-- Create index "caseservice_created_at_id" to table: "case_services"
CREATE INDEX `caseservice_created_at_id` ON `case_services` (`created_at`, `id`);
-- Create index "caseservice_external_id" to table: "case_services"
CREATE INDEX `caseservice_external_id` ON `case_services` (`external_id`);
-- Create index "caseservice_updated_at" to table: "case_services"
CREATE INDEX `caseservice_updated_at` ON `case_services` (`updated_at`);
-- Create index "caseservice_version" to table: "case_services"
CREATE INDEX `caseservice_version` ON `case_services` (`version`);
-- Create index "caseservice_kind" to table: "case_services"
CREATE INDEX `caseservice_kind` ON `case_services` (`kind`);
-- Create index "caseservice_due_on" to table: "case_services"
CREATE INDEX `caseservice_due_on` ON `case_services` (`due_on`);
-- Create index "caseservice_done_on" to table: "case_services"
CREATE INDEX `caseservice_done_on` ON `case_services` (`done_on`);
-- Create index "caseservice_approval" to table: "case_services"
CREATE INDEX `caseservice_approval` ON `case_services` (`approval`);
-- Create "children" table
CREATE TABLE `children` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `case_code` text NOT NULL, `given_name` text NULL, `family_name` text NULL, `other_names` text NULL, `address` text NULL, `phone` text NULL, `id_number` text NULL, `guardian` text NULL, `birth_date` date NULL, `birth_date_estimated` bool NOT NULL DEFAULT (false), `sex` text NOT NULL DEFAULT ('unknown'), `nationality` text NULL, `language` text NULL, `synthetic` bool NOT NULL DEFAULT (false), `country_id` uuid NOT NULL, `office_id` uuid NULL, `intervention_id` uuid NULL, `keeper_id` uuid NULL, `place_id` uuid NULL, `first_level_place_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `children_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `children_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `children_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL, CONSTRAINT `children_users_keeper` FOREIGN KEY (`keeper_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `children_places_place` FOREIGN KEY (`place_id`) REFERENCES `places` (`id`) ON DELETE SET NULL, CONSTRAINT `children_places_first_level_place` FOREIGN KEY (`first_level_place_id`) REFERENCES `places` (`id`) ON DELETE SET NULL);
-- Create index "child_country_id_created_at_id" to table: "children"
CREATE INDEX `child_country_id_created_at_id` ON `children` (`country_id`, `created_at`, `id`);
-- Create index "child_office_id_created_at_id" to table: "children"
CREATE INDEX `child_office_id_created_at_id` ON `children` (`office_id`, `created_at`, `id`);
-- Create index "child_office_id_country_id_created_at_id" to table: "children"
CREATE INDEX `child_office_id_country_id_created_at_id` ON `children` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "child_intervention_id_created_at_id" to table: "children"
CREATE INDEX `child_intervention_id_created_at_id` ON `children` (`intervention_id`, `created_at`, `id`);
-- Create index "child_keeper_id_created_at_id" to table: "children"
CREATE INDEX `child_keeper_id_created_at_id` ON `children` (`keeper_id`, `created_at`, `id`);
-- Create index "child_place_id_created_at_id" to table: "children"
CREATE INDEX `child_place_id_created_at_id` ON `children` (`place_id`, `created_at`, `id`);
-- Create index "child_first_level_place_id_created_at_id" to table: "children"
CREATE INDEX `child_first_level_place_id_created_at_id` ON `children` (`first_level_place_id`, `created_at`, `id`);
-- Create index "child_created_at_id" to table: "children"
CREATE INDEX `child_created_at_id` ON `children` (`created_at`, `id`);
-- Create index "child_external_id" to table: "children"
CREATE INDEX `child_external_id` ON `children` (`external_id`);
-- Create index "child_updated_at" to table: "children"
CREATE INDEX `child_updated_at` ON `children` (`updated_at`);
-- Create index "child_version" to table: "children"
CREATE INDEX `child_version` ON `children` (`version`);
-- Create index "child_case_code" to table: "children"
CREATE INDEX `child_case_code` ON `children` (`case_code`);
-- Create index "child_birth_date" to table: "children"
CREATE INDEX `child_birth_date` ON `children` (`birth_date`);
-- Create index "child_birth_date_estimated" to table: "children"
CREATE INDEX `child_birth_date_estimated` ON `children` (`birth_date_estimated`);
-- Create index "child_sex" to table: "children"
CREATE INDEX `child_sex` ON `children` (`sex`);
-- Create index "child_nationality" to table: "children"
CREATE INDEX `child_nationality` ON `children` (`nationality`);
-- Create index "child_language" to table: "children"
CREATE INDEX `child_language` ON `children` (`language`);
-- Create index "child_synthetic" to table: "children"
CREATE INDEX `child_synthetic` ON `children` (`synthetic`);
-- Create "commitments" table
CREATE TABLE `commitments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `instrument` text NOT NULL, `articles` json NOT NULL, `kind` text NOT NULL, `text` json NOT NULL, `made_on` date NULL, `due_on` date NULL, `progress` text NOT NULL DEFAULT ('none'), `source_url` text NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `commitments_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "commitment_country_id_created_at_id" to table: "commitments"
CREATE INDEX `commitment_country_id_created_at_id` ON `commitments` (`country_id`, `created_at`, `id`);
-- Create index "commitment_created_at_id" to table: "commitments"
CREATE INDEX `commitment_created_at_id` ON `commitments` (`created_at`, `id`);
-- Create index "commitment_external_id" to table: "commitments"
CREATE INDEX `commitment_external_id` ON `commitments` (`external_id`);
-- Create index "commitment_updated_at" to table: "commitments"
CREATE INDEX `commitment_updated_at` ON `commitments` (`updated_at`);
-- Create index "commitment_version" to table: "commitments"
CREATE INDEX `commitment_version` ON `commitments` (`version`);
-- Create index "commitment_instrument" to table: "commitments"
CREATE INDEX `commitment_instrument` ON `commitments` (`instrument`);
-- Create index "commitment_kind" to table: "commitments"
CREATE INDEX `commitment_kind` ON `commitments` (`kind`);
-- Create index "commitment_made_on" to table: "commitments"
CREATE INDEX `commitment_made_on` ON `commitments` (`made_on`);
-- Create index "commitment_due_on" to table: "commitments"
CREATE INDEX `commitment_due_on` ON `commitments` (`due_on`);
-- Create index "commitment_progress" to table: "commitments"
CREATE INDEX `commitment_progress` ON `commitments` (`progress`);
-- Create index "commitment_source_url" to table: "commitments"
CREATE INDEX `commitment_source_url` ON `commitments` (`source_url`);
-- Create "commitment_evidences" table
CREATE TABLE `commitment_evidences` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `remark` text NULL, `commitment_id` uuid NOT NULL, `intervention_id` uuid NULL, `activity_id` uuid NULL, `indicator_id` uuid NULL, `resource_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `commitment_evidences_commitments_commitment` FOREIGN KEY (`commitment_id`) REFERENCES `commitments` (`id`) ON DELETE NO ACTION, CONSTRAINT `commitment_evidences_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL, CONSTRAINT `commitment_evidences_activities_activity` FOREIGN KEY (`activity_id`) REFERENCES `activities` (`id`) ON DELETE SET NULL, CONSTRAINT `commitment_evidences_indicators_indicator` FOREIGN KEY (`indicator_id`) REFERENCES `indicators` (`id`) ON DELETE SET NULL, CONSTRAINT `commitment_evidences_resources_resource` FOREIGN KEY (`resource_id`) REFERENCES `resources` (`id`) ON DELETE SET NULL);
-- Create index "commitmentevidence_commitment_id_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_commitment_id_created_at_id` ON `commitment_evidences` (`commitment_id`, `created_at`, `id`);
-- Create index "commitmentevidence_intervention_id_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_intervention_id_created_at_id` ON `commitment_evidences` (`intervention_id`, `created_at`, `id`);
-- Create index "commitmentevidence_activity_id_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_activity_id_created_at_id` ON `commitment_evidences` (`activity_id`, `created_at`, `id`);
-- Create index "commitmentevidence_indicator_id_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_indicator_id_created_at_id` ON `commitment_evidences` (`indicator_id`, `created_at`, `id`);
-- Create index "commitmentevidence_resource_id_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_resource_id_created_at_id` ON `commitment_evidences` (`resource_id`, `created_at`, `id`);
-- Create index "commitmentevidence_created_at_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_created_at_id` ON `commitment_evidences` (`created_at`, `id`);
-- Create index "commitmentevidence_external_id" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_external_id` ON `commitment_evidences` (`external_id`);
-- Create index "commitmentevidence_updated_at" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_updated_at` ON `commitment_evidences` (`updated_at`);
-- Create index "commitmentevidence_version" to table: "commitment_evidences"
CREATE INDEX `commitmentevidence_version` ON `commitment_evidences` (`version`);
-- Create "consents" table
CREATE TABLE `consents` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `purposes` json NOT NULL, `data_categories` json NOT NULL, `recipients` json NOT NULL, `given_by` text NOT NULL DEFAULT ('guardian'), `method` text NOT NULL DEFAULT ('written'), `legal_basis` text NOT NULL DEFAULT ('consent'), `child_assent` bool NOT NULL DEFAULT (false), `obtained_on` date NULL, `expires_on` date NULL, `withdrawn_at` datetime NULL, `state` text NOT NULL DEFAULT ('active'), `child_id` uuid NOT NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `consents_children_child` FOREIGN KEY (`child_id`) REFERENCES `children` (`id`) ON DELETE NO ACTION, CONSTRAINT `consents_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "consent_child_id_created_at_id" to table: "consents"
CREATE INDEX `consent_child_id_created_at_id` ON `consents` (`child_id`, `created_at`, `id`);
-- Create index "consent_country_id_created_at_id" to table: "consents"
CREATE INDEX `consent_country_id_created_at_id` ON `consents` (`country_id`, `created_at`, `id`);
-- Create index "consent_created_at_id" to table: "consents"
CREATE INDEX `consent_created_at_id` ON `consents` (`created_at`, `id`);
-- Create index "consent_external_id" to table: "consents"
CREATE INDEX `consent_external_id` ON `consents` (`external_id`);
-- Create index "consent_updated_at" to table: "consents"
CREATE INDEX `consent_updated_at` ON `consents` (`updated_at`);
-- Create index "consent_version" to table: "consents"
CREATE INDEX `consent_version` ON `consents` (`version`);
-- Create index "consent_given_by" to table: "consents"
CREATE INDEX `consent_given_by` ON `consents` (`given_by`);
-- Create index "consent_method" to table: "consents"
CREATE INDEX `consent_method` ON `consents` (`method`);
-- Create index "consent_legal_basis" to table: "consents"
CREATE INDEX `consent_legal_basis` ON `consents` (`legal_basis`);
-- Create index "consent_child_assent" to table: "consents"
CREATE INDEX `consent_child_assent` ON `consents` (`child_assent`);
-- Create index "consent_obtained_on" to table: "consents"
CREATE INDEX `consent_obtained_on` ON `consents` (`obtained_on`);
-- Create index "consent_expires_on" to table: "consents"
CREATE INDEX `consent_expires_on` ON `consents` (`expires_on`);
-- Create index "consent_withdrawn_at" to table: "consents"
CREATE INDEX `consent_withdrawn_at` ON `consents` (`withdrawn_at`);
-- Create index "consent_state" to table: "consents"
CREATE INDEX `consent_state` ON `consents` (`state`);
-- Create "countries" table
CREATE TABLE `countries` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `iso2` text NOT NULL, `iso3` text NULL, `m49` integer NULL, `name` json NOT NULL, `presence` text NOT NULL DEFAULT ('none'), `security_level` text NOT NULL DEFAULT ('low'), `first_year` integer NULL, `age_of_consent` integer NULL, `minimum_cell_size` integer NOT NULL DEFAULT (5), `retention_years` integer NULL, `source_url` text NULL, `region_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `countries_regions_region` FOREIGN KEY (`region_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL);
-- Create index "country_region_id_created_at_id" to table: "countries"
CREATE INDEX `country_region_id_created_at_id` ON `countries` (`region_id`, `created_at`, `id`);
-- Create index "country_region_id_iso2_id" to table: "countries"
CREATE INDEX `country_region_id_iso2_id` ON `countries` (`region_id`, `iso2`, `id`);
-- Create index "country_created_at_id" to table: "countries"
CREATE INDEX `country_created_at_id` ON `countries` (`created_at`, `id`);
-- Create index "country_external_id" to table: "countries"
CREATE INDEX `country_external_id` ON `countries` (`external_id`);
-- Create index "country_iso2" to table: "countries"
CREATE UNIQUE INDEX `country_iso2` ON `countries` (`iso2`) WHERE archived_at IS NULL;
-- Create index "country_updated_at" to table: "countries"
CREATE INDEX `country_updated_at` ON `countries` (`updated_at`);
-- Create index "country_version" to table: "countries"
CREATE INDEX `country_version` ON `countries` (`version`);
-- Create index "country_iso3" to table: "countries"
CREATE INDEX `country_iso3` ON `countries` (`iso3`);
-- Create index "country_m49" to table: "countries"
CREATE INDEX `country_m49` ON `countries` (`m49`);
-- Create index "country_presence" to table: "countries"
CREATE INDEX `country_presence` ON `countries` (`presence`);
-- Create index "country_security_level" to table: "countries"
CREATE INDEX `country_security_level` ON `countries` (`security_level`);
-- Create index "country_first_year" to table: "countries"
CREATE INDEX `country_first_year` ON `countries` (`first_year`);
-- Create index "country_age_of_consent" to table: "countries"
CREATE INDEX `country_age_of_consent` ON `countries` (`age_of_consent`);
-- Create index "country_minimum_cell_size" to table: "countries"
CREATE INDEX `country_minimum_cell_size` ON `countries` (`minimum_cell_size`);
-- Create index "country_retention_years" to table: "countries"
CREATE INDEX `country_retention_years` ON `countries` (`retention_years`);
-- Create index "country_source_url" to table: "countries"
CREATE INDEX `country_source_url` ON `countries` (`source_url`);
-- Create "deployments" table
CREATE TABLE `deployments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `title` json NOT NULL, `months` integer NULL, `planned_start` date NULL, `planned_end` date NULL, `actual_start` date NULL, `actual_end` date NULL, `objectives` text NULL, `report` text NULL, `state` text NOT NULL DEFAULT ('draft'), `source_url` text NULL, `volunteer_id` uuid NULL, `country_id` uuid NOT NULL, `office_id` uuid NULL, `place_id` uuid NULL, `partner_id` uuid NULL, `intervention_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `deployments_volunteers_volunteer` FOREIGN KEY (`volunteer_id`) REFERENCES `volunteers` (`id`) ON DELETE SET NULL, CONSTRAINT `deployments_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `deployments_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `deployments_places_place` FOREIGN KEY (`place_id`) REFERENCES `places` (`id`) ON DELETE SET NULL, CONSTRAINT `deployments_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL, CONSTRAINT `deployments_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL);
-- Create index "deployment_volunteer_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_volunteer_id_created_at_id` ON `deployments` (`volunteer_id`, `created_at`, `id`);
-- Create index "deployment_country_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_country_id_created_at_id` ON `deployments` (`country_id`, `created_at`, `id`);
-- Create index "deployment_office_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_office_id_created_at_id` ON `deployments` (`office_id`, `created_at`, `id`);
-- Create index "deployment_office_id_country_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_office_id_country_id_created_at_id` ON `deployments` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "deployment_place_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_place_id_created_at_id` ON `deployments` (`place_id`, `created_at`, `id`);
-- Create index "deployment_partner_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_partner_id_created_at_id` ON `deployments` (`partner_id`, `created_at`, `id`);
-- Create index "deployment_intervention_id_created_at_id" to table: "deployments"
CREATE INDEX `deployment_intervention_id_created_at_id` ON `deployments` (`intervention_id`, `created_at`, `id`);
-- Create index "deployment_created_at_id" to table: "deployments"
CREATE INDEX `deployment_created_at_id` ON `deployments` (`created_at`, `id`);
-- Create index "deployment_external_id" to table: "deployments"
CREATE INDEX `deployment_external_id` ON `deployments` (`external_id`);
-- Create index "deployment_updated_at" to table: "deployments"
CREATE INDEX `deployment_updated_at` ON `deployments` (`updated_at`);
-- Create index "deployment_version" to table: "deployments"
CREATE INDEX `deployment_version` ON `deployments` (`version`);
-- Create index "deployment_months" to table: "deployments"
CREATE INDEX `deployment_months` ON `deployments` (`months`);
-- Create index "deployment_planned_start" to table: "deployments"
CREATE INDEX `deployment_planned_start` ON `deployments` (`planned_start`);
-- Create index "deployment_planned_end" to table: "deployments"
CREATE INDEX `deployment_planned_end` ON `deployments` (`planned_end`);
-- Create index "deployment_actual_start" to table: "deployments"
CREATE INDEX `deployment_actual_start` ON `deployments` (`actual_start`);
-- Create index "deployment_actual_end" to table: "deployments"
CREATE INDEX `deployment_actual_end` ON `deployments` (`actual_end`);
-- Create index "deployment_state" to table: "deployments"
CREATE INDEX `deployment_state` ON `deployments` (`state`);
-- Create index "deployment_source_url" to table: "deployments"
CREATE INDEX `deployment_source_url` ON `deployments` (`source_url`);
-- Create "disposals" table
CREATE TABLE `disposals` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `entity` text NOT NULL, `count` integer NOT NULL, `method` text NOT NULL, `done_on` date NOT NULL, `proof` text NOT NULL, `rule_id` uuid NULL, `country_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `disposals_retention_rules_rule` FOREIGN KEY (`rule_id`) REFERENCES `retention_rules` (`id`) ON DELETE SET NULL, CONSTRAINT `disposals_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL);
-- Create index "disposal_rule_id_created_at_id" to table: "disposals"
CREATE INDEX `disposal_rule_id_created_at_id` ON `disposals` (`rule_id`, `created_at`, `id`);
-- Create index "disposal_country_id_created_at_id" to table: "disposals"
CREATE INDEX `disposal_country_id_created_at_id` ON `disposals` (`country_id`, `created_at`, `id`);
-- Create index "disposal_created_at_id" to table: "disposals"
CREATE INDEX `disposal_created_at_id` ON `disposals` (`created_at`, `id`);
-- Create index "disposal_external_id" to table: "disposals"
CREATE INDEX `disposal_external_id` ON `disposals` (`external_id`);
-- Create index "disposal_updated_at" to table: "disposals"
CREATE INDEX `disposal_updated_at` ON `disposals` (`updated_at`);
-- Create index "disposal_version" to table: "disposals"
CREATE INDEX `disposal_version` ON `disposals` (`version`);
-- Create index "disposal_entity" to table: "disposals"
CREATE INDEX `disposal_entity` ON `disposals` (`entity`);
-- Create index "disposal_count" to table: "disposals"
CREATE INDEX `disposal_count` ON `disposals` (`count`);
-- Create index "disposal_method" to table: "disposals"
CREATE INDEX `disposal_method` ON `disposals` (`method`);
-- Create index "disposal_done_on" to table: "disposals"
CREATE INDEX `disposal_done_on` ON `disposals` (`done_on`);
-- Create index "disposal_proof" to table: "disposals"
CREATE INDEX `disposal_proof` ON `disposals` (`proof`);
-- Create "emergency_accesses" table
CREATE TABLE `emergency_accesses` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `reason` text NOT NULL, `valid_until` datetime NOT NULL, `review_due` datetime NOT NULL, `finding` text NULL, `state` text NOT NULL DEFAULT ('opened'), `user_id` uuid NOT NULL, `country_id` uuid NOT NULL, `office_id` uuid NULL, `child_id` uuid NULL, `reviewed_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `emergency_accesses_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `emergency_accesses_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `emergency_accesses_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `emergency_accesses_children_child` FOREIGN KEY (`child_id`) REFERENCES `children` (`id`) ON DELETE SET NULL, CONSTRAINT `emergency_accesses_users_reviewed_by` FOREIGN KEY (`reviewed_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "emergencyaccess_user_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_user_id_created_at_id` ON `emergency_accesses` (`user_id`, `created_at`, `id`);
-- Create index "emergencyaccess_country_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_country_id_created_at_id` ON `emergency_accesses` (`country_id`, `created_at`, `id`);
-- Create index "emergencyaccess_office_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_office_id_created_at_id` ON `emergency_accesses` (`office_id`, `created_at`, `id`);
-- Create index "emergencyaccess_office_id_country_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_office_id_country_id_created_at_id` ON `emergency_accesses` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "emergencyaccess_child_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_child_id_created_at_id` ON `emergency_accesses` (`child_id`, `created_at`, `id`);
-- Create index "emergencyaccess_reviewed_by_id_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_reviewed_by_id_created_at_id` ON `emergency_accesses` (`reviewed_by_id`, `created_at`, `id`);
-- Create index "emergencyaccess_created_at_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_created_at_id` ON `emergency_accesses` (`created_at`, `id`);
-- Create index "emergencyaccess_external_id" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_external_id` ON `emergency_accesses` (`external_id`);
-- Create index "emergencyaccess_updated_at" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_updated_at` ON `emergency_accesses` (`updated_at`);
-- Create index "emergencyaccess_version" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_version` ON `emergency_accesses` (`version`);
-- Create index "emergencyaccess_valid_until" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_valid_until` ON `emergency_accesses` (`valid_until`);
-- Create index "emergencyaccess_review_due" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_review_due` ON `emergency_accesses` (`review_due`);
-- Create index "emergencyaccess_state" to table: "emergency_accesses"
CREATE INDEX `emergencyaccess_state` ON `emergency_accesses` (`state`);
-- Create "funding_lines" table
CREATE TABLE `funding_lines` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `amount` integer NOT NULL, `currency` text NOT NULL, `starts_on` date NULL, `ends_on` date NULL, `intervention_id` uuid NOT NULL, `funder_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `funding_lines_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE NO ACTION, CONSTRAINT `funding_lines_partners_funder` FOREIGN KEY (`funder_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL);
-- Create index "fundingline_intervention_id_created_at_id" to table: "funding_lines"
CREATE INDEX `fundingline_intervention_id_created_at_id` ON `funding_lines` (`intervention_id`, `created_at`, `id`);
-- Create index "fundingline_funder_id_created_at_id" to table: "funding_lines"
CREATE INDEX `fundingline_funder_id_created_at_id` ON `funding_lines` (`funder_id`, `created_at`, `id`);
-- Create index "fundingline_created_at_id" to table: "funding_lines"
CREATE INDEX `fundingline_created_at_id` ON `funding_lines` (`created_at`, `id`);
-- Create index "fundingline_external_id" to table: "funding_lines"
CREATE INDEX `fundingline_external_id` ON `funding_lines` (`external_id`);
-- Create index "fundingline_updated_at" to table: "funding_lines"
CREATE INDEX `fundingline_updated_at` ON `funding_lines` (`updated_at`);
-- Create index "fundingline_version" to table: "funding_lines"
CREATE INDEX `fundingline_version` ON `funding_lines` (`version`);
-- Create index "fundingline_kind" to table: "funding_lines"
CREATE INDEX `fundingline_kind` ON `funding_lines` (`kind`);
-- Create index "fundingline_amount" to table: "funding_lines"
CREATE INDEX `fundingline_amount` ON `funding_lines` (`amount`);
-- Create index "fundingline_currency" to table: "funding_lines"
CREATE INDEX `fundingline_currency` ON `funding_lines` (`currency`);
-- Create index "fundingline_starts_on" to table: "funding_lines"
CREATE INDEX `fundingline_starts_on` ON `funding_lines` (`starts_on`);
-- Create index "fundingline_ends_on" to table: "funding_lines"
CREATE INDEX `fundingline_ends_on` ON `funding_lines` (`ends_on`);
-- Create "indicators" table
CREATE TABLE `indicators` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NULL, `name` json NOT NULL, `measure` text NOT NULL DEFAULT ('unit'), `unit` text NULL, `direction` text NOT NULL DEFAULT ('up'), `definition` text NULL, `source` text NULL, `frequency` text NULL, `baseline` integer NULL, `result_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `indicators_results_result` FOREIGN KEY (`result_id`) REFERENCES `results` (`id`) ON DELETE NO ACTION);
-- Create index "indicator_result_id_created_at_id" to table: "indicators"
CREATE INDEX `indicator_result_id_created_at_id` ON `indicators` (`result_id`, `created_at`, `id`);
-- Create index "indicator_created_at_id" to table: "indicators"
CREATE INDEX `indicator_created_at_id` ON `indicators` (`created_at`, `id`);
-- Create index "indicator_external_id" to table: "indicators"
CREATE INDEX `indicator_external_id` ON `indicators` (`external_id`);
-- Create index "indicator_updated_at" to table: "indicators"
CREATE INDEX `indicator_updated_at` ON `indicators` (`updated_at`);
-- Create index "indicator_version" to table: "indicators"
CREATE INDEX `indicator_version` ON `indicators` (`version`);
-- Create index "indicator_code" to table: "indicators"
CREATE INDEX `indicator_code` ON `indicators` (`code`);
-- Create index "indicator_measure" to table: "indicators"
CREATE INDEX `indicator_measure` ON `indicators` (`measure`);
-- Create index "indicator_unit" to table: "indicators"
CREATE INDEX `indicator_unit` ON `indicators` (`unit`);
-- Create index "indicator_direction" to table: "indicators"
CREATE INDEX `indicator_direction` ON `indicators` (`direction`);
-- Create index "indicator_source" to table: "indicators"
CREATE INDEX `indicator_source` ON `indicators` (`source`);
-- Create index "indicator_frequency" to table: "indicators"
CREATE INDEX `indicator_frequency` ON `indicators` (`frequency`);
-- Create index "indicator_baseline" to table: "indicators"
CREATE INDEX `indicator_baseline` ON `indicators` (`baseline`);
-- Create "indicator_values" table
CREATE TABLE `indicator_values` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `period` text NULL, `period_start` date NULL, `period_end` date NULL, `kind` text NOT NULL DEFAULT ('actual'), `value` integer NOT NULL, `sex` text NOT NULL DEFAULT ('unknown'), `age_band` text NOT NULL DEFAULT ('unknown'), `disability` text NOT NULL DEFAULT ('unknown'), `profession` text NULL, `state` text NOT NULL DEFAULT ('draft'), `source_url` text NULL, `indicator_id` uuid NOT NULL, `country_id` uuid NULL, `partner_id` uuid NULL, `author_id` uuid NULL, `approved_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `indicator_values_indicators_indicator` FOREIGN KEY (`indicator_id`) REFERENCES `indicators` (`id`) ON DELETE NO ACTION, CONSTRAINT `indicator_values_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL, CONSTRAINT `indicator_values_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE SET NULL, CONSTRAINT `indicator_values_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `indicator_values_users_approved_by` FOREIGN KEY (`approved_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "indicatorvalue_indicator_id_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_indicator_id_created_at_id` ON `indicator_values` (`indicator_id`, `created_at`, `id`);
-- Create index "indicatorvalue_country_id_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_country_id_created_at_id` ON `indicator_values` (`country_id`, `created_at`, `id`);
-- Create index "indicatorvalue_partner_id_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_partner_id_created_at_id` ON `indicator_values` (`partner_id`, `created_at`, `id`);
-- Create index "indicatorvalue_author_id_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_author_id_created_at_id` ON `indicator_values` (`author_id`, `created_at`, `id`);
-- Create index "indicatorvalue_approved_by_id_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_approved_by_id_created_at_id` ON `indicator_values` (`approved_by_id`, `created_at`, `id`);
-- Create index "indicatorvalue_created_at_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_created_at_id` ON `indicator_values` (`created_at`, `id`);
-- Create index "indicatorvalue_external_id" to table: "indicator_values"
CREATE INDEX `indicatorvalue_external_id` ON `indicator_values` (`external_id`);
-- Create index "indicatorvalue_updated_at" to table: "indicator_values"
CREATE INDEX `indicatorvalue_updated_at` ON `indicator_values` (`updated_at`);
-- Create index "indicatorvalue_version" to table: "indicator_values"
CREATE INDEX `indicatorvalue_version` ON `indicator_values` (`version`);
-- Create index "indicatorvalue_period" to table: "indicator_values"
CREATE INDEX `indicatorvalue_period` ON `indicator_values` (`period`);
-- Create index "indicatorvalue_period_start" to table: "indicator_values"
CREATE INDEX `indicatorvalue_period_start` ON `indicator_values` (`period_start`);
-- Create index "indicatorvalue_period_end" to table: "indicator_values"
CREATE INDEX `indicatorvalue_period_end` ON `indicator_values` (`period_end`);
-- Create index "indicatorvalue_kind" to table: "indicator_values"
CREATE INDEX `indicatorvalue_kind` ON `indicator_values` (`kind`);
-- Create index "indicatorvalue_value" to table: "indicator_values"
CREATE INDEX `indicatorvalue_value` ON `indicator_values` (`value`);
-- Create index "indicatorvalue_sex" to table: "indicator_values"
CREATE INDEX `indicatorvalue_sex` ON `indicator_values` (`sex`);
-- Create index "indicatorvalue_age_band" to table: "indicator_values"
CREATE INDEX `indicatorvalue_age_band` ON `indicator_values` (`age_band`);
-- Create index "indicatorvalue_disability" to table: "indicator_values"
CREATE INDEX `indicatorvalue_disability` ON `indicator_values` (`disability`);
-- Create index "indicatorvalue_profession" to table: "indicator_values"
CREATE INDEX `indicatorvalue_profession` ON `indicator_values` (`profession`);
-- Create index "indicatorvalue_state" to table: "indicator_values"
CREATE INDEX `indicatorvalue_state` ON `indicator_values` (`state`);
-- Create index "indicatorvalue_source_url" to table: "indicator_values"
CREATE INDEX `indicatorvalue_source_url` ON `indicator_values` (`source_url`);
-- Create "interventions" table
CREATE TABLE `interventions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `iati_identifier` text NULL, `title` json NOT NULL, `summary` json NULL, `kind` text NOT NULL DEFAULT ('project'), `theme` text NOT NULL DEFAULT ('other'), `status` text NOT NULL DEFAULT ('pipeline'), `planned_start` date NULL, `planned_end` date NULL, `actual_start` date NULL, `actual_end` date NULL, `start_year` integer NULL, `end_year` integer NULL, `funder` text NULL, `sdg_targets` json NOT NULL, `crc_articles` json NOT NULL, `cpms_standards` json NOT NULL, `policy_markers` json NOT NULL, `crc_editorial` bool NOT NULL DEFAULT (false), `source_url` text NULL, `country_id` uuid NULL, `office_id` uuid NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `interventions_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL, CONSTRAINT `interventions_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `interventions_interventions_parent` FOREIGN KEY (`parent_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL);
-- Create index "intervention_country_id_created_at_id" to table: "interventions"
CREATE INDEX `intervention_country_id_created_at_id` ON `interventions` (`country_id`, `created_at`, `id`);
-- Create index "intervention_country_id_code_id" to table: "interventions"
CREATE INDEX `intervention_country_id_code_id` ON `interventions` (`country_id`, `code`, `id`);
-- Create index "intervention_office_id_created_at_id" to table: "interventions"
CREATE INDEX `intervention_office_id_created_at_id` ON `interventions` (`office_id`, `created_at`, `id`);
-- Create index "intervention_office_id_code_id" to table: "interventions"
CREATE INDEX `intervention_office_id_code_id` ON `interventions` (`office_id`, `code`, `id`);
-- Create index "intervention_office_id_country_id_code_id" to table: "interventions"
CREATE INDEX `intervention_office_id_country_id_code_id` ON `interventions` (`office_id`, `country_id`, `code`, `id`);
-- Create index "intervention_parent_id_created_at_id" to table: "interventions"
CREATE INDEX `intervention_parent_id_created_at_id` ON `interventions` (`parent_id`, `created_at`, `id`);
-- Create index "intervention_parent_id_code_id" to table: "interventions"
CREATE INDEX `intervention_parent_id_code_id` ON `interventions` (`parent_id`, `code`, `id`);
-- Create index "intervention_created_at_id" to table: "interventions"
CREATE INDEX `intervention_created_at_id` ON `interventions` (`created_at`, `id`);
-- Create index "intervention_external_id" to table: "interventions"
CREATE INDEX `intervention_external_id` ON `interventions` (`external_id`);
-- Create index "intervention_updated_at" to table: "interventions"
CREATE INDEX `intervention_updated_at` ON `interventions` (`updated_at`);
-- Create index "intervention_version" to table: "interventions"
CREATE INDEX `intervention_version` ON `interventions` (`version`);
-- Create index "intervention_code" to table: "interventions"
CREATE INDEX `intervention_code` ON `interventions` (`code`);
-- Create index "intervention_iati_identifier" to table: "interventions"
CREATE INDEX `intervention_iati_identifier` ON `interventions` (`iati_identifier`);
-- Create index "intervention_kind" to table: "interventions"
CREATE INDEX `intervention_kind` ON `interventions` (`kind`);
-- Create index "intervention_theme" to table: "interventions"
CREATE INDEX `intervention_theme` ON `interventions` (`theme`);
-- Create index "intervention_status" to table: "interventions"
CREATE INDEX `intervention_status` ON `interventions` (`status`);
-- Create index "intervention_planned_start" to table: "interventions"
CREATE INDEX `intervention_planned_start` ON `interventions` (`planned_start`);
-- Create index "intervention_planned_end" to table: "interventions"
CREATE INDEX `intervention_planned_end` ON `interventions` (`planned_end`);
-- Create index "intervention_actual_start" to table: "interventions"
CREATE INDEX `intervention_actual_start` ON `interventions` (`actual_start`);
-- Create index "intervention_actual_end" to table: "interventions"
CREATE INDEX `intervention_actual_end` ON `interventions` (`actual_end`);
-- Create index "intervention_start_year" to table: "interventions"
CREATE INDEX `intervention_start_year` ON `interventions` (`start_year`);
-- Create index "intervention_end_year" to table: "interventions"
CREATE INDEX `intervention_end_year` ON `interventions` (`end_year`);
-- Create index "intervention_funder" to table: "interventions"
CREATE INDEX `intervention_funder` ON `interventions` (`funder`);
-- Create index "intervention_crc_editorial" to table: "interventions"
CREATE INDEX `intervention_crc_editorial` ON `interventions` (`crc_editorial`);
-- Create index "intervention_source_url" to table: "interventions"
CREATE INDEX `intervention_source_url` ON `interventions` (`source_url`);
-- Create "intervention_countries" table
CREATE TABLE `intervention_countries` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `share` integer NULL, `intervention_id` uuid NOT NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `intervention_countries_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE NO ACTION, CONSTRAINT `intervention_countries_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "interventioncountry_intervention_id_created_at_id" to table: "intervention_countries"
CREATE INDEX `interventioncountry_intervention_id_created_at_id` ON `intervention_countries` (`intervention_id`, `created_at`, `id`);
-- Create index "interventioncountry_country_id_created_at_id" to table: "intervention_countries"
CREATE INDEX `interventioncountry_country_id_created_at_id` ON `intervention_countries` (`country_id`, `created_at`, `id`);
-- Create index "interventioncountry_created_at_id" to table: "intervention_countries"
CREATE INDEX `interventioncountry_created_at_id` ON `intervention_countries` (`created_at`, `id`);
-- Create index "interventioncountry_external_id" to table: "intervention_countries"
CREATE INDEX `interventioncountry_external_id` ON `intervention_countries` (`external_id`);
-- Create index "interventioncountry_updated_at" to table: "intervention_countries"
CREATE INDEX `interventioncountry_updated_at` ON `intervention_countries` (`updated_at`);
-- Create index "interventioncountry_version" to table: "intervention_countries"
CREATE INDEX `interventioncountry_version` ON `intervention_countries` (`version`);
-- Create index "interventioncountry_share" to table: "intervention_countries"
CREATE INDEX `interventioncountry_share` ON `intervention_countries` (`share`);
-- Create "intervention_partners" table
CREATE TABLE `intervention_partners` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `role` text NOT NULL DEFAULT ('implementing'), `intervention_id` uuid NOT NULL, `partner_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `intervention_partners_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE NO ACTION, CONSTRAINT `intervention_partners_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE NO ACTION);
-- Create index "interventionpartner_intervention_id_created_at_id" to table: "intervention_partners"
CREATE INDEX `interventionpartner_intervention_id_created_at_id` ON `intervention_partners` (`intervention_id`, `created_at`, `id`);
-- Create index "interventionpartner_partner_id_created_at_id" to table: "intervention_partners"
CREATE INDEX `interventionpartner_partner_id_created_at_id` ON `intervention_partners` (`partner_id`, `created_at`, `id`);
-- Create index "interventionpartner_created_at_id" to table: "intervention_partners"
CREATE INDEX `interventionpartner_created_at_id` ON `intervention_partners` (`created_at`, `id`);
-- Create index "interventionpartner_external_id" to table: "intervention_partners"
CREATE INDEX `interventionpartner_external_id` ON `intervention_partners` (`external_id`);
-- Create index "interventionpartner_updated_at" to table: "intervention_partners"
CREATE INDEX `interventionpartner_updated_at` ON `intervention_partners` (`updated_at`);
-- Create index "interventionpartner_version" to table: "intervention_partners"
CREATE INDEX `interventionpartner_version` ON `intervention_partners` (`version`);
-- Create index "interventionpartner_role" to table: "intervention_partners"
CREATE INDEX `interventionpartner_role` ON `intervention_partners` (`role`);
-- Create "intervention_sectors" table
CREATE TABLE `intervention_sectors` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `vocabulary` text NOT NULL DEFAULT ('1'), `share` integer NULL, `intervention_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `intervention_sectors_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE NO ACTION);
-- Create index "interventionsector_intervention_id_created_at_id" to table: "intervention_sectors"
CREATE INDEX `interventionsector_intervention_id_created_at_id` ON `intervention_sectors` (`intervention_id`, `created_at`, `id`);
-- Create index "interventionsector_created_at_id" to table: "intervention_sectors"
CREATE INDEX `interventionsector_created_at_id` ON `intervention_sectors` (`created_at`, `id`);
-- Create index "interventionsector_external_id" to table: "intervention_sectors"
CREATE INDEX `interventionsector_external_id` ON `intervention_sectors` (`external_id`);
-- Create index "interventionsector_updated_at" to table: "intervention_sectors"
CREATE INDEX `interventionsector_updated_at` ON `intervention_sectors` (`updated_at`);
-- Create index "interventionsector_version" to table: "intervention_sectors"
CREATE INDEX `interventionsector_version` ON `intervention_sectors` (`version`);
-- Create index "interventionsector_code" to table: "intervention_sectors"
CREATE INDEX `interventionsector_code` ON `intervention_sectors` (`code`);
-- Create index "interventionsector_vocabulary" to table: "intervention_sectors"
CREATE INDEX `interventionsector_vocabulary` ON `intervention_sectors` (`vocabulary`);
-- Create index "interventionsector_share" to table: "intervention_sectors"
CREATE INDEX `interventionsector_share` ON `intervention_sectors` (`share`);
-- Create "notes" table
CREATE TABLE `notes` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `body` text NOT NULL, `visibility` text NOT NULL DEFAULT ('case_team'), `case_file_id` uuid NOT NULL, `country_id` uuid NOT NULL, `author_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `notes_case_files_case_file` FOREIGN KEY (`case_file_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION, CONSTRAINT `notes_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `notes_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "note_case_file_id_created_at_id" to table: "notes"
CREATE INDEX `note_case_file_id_created_at_id` ON `notes` (`case_file_id`, `created_at`, `id`);
-- Create index "note_country_id_created_at_id" to table: "notes"
CREATE INDEX `note_country_id_created_at_id` ON `notes` (`country_id`, `created_at`, `id`);
-- Create index "note_author_id_created_at_id" to table: "notes"
CREATE INDEX `note_author_id_created_at_id` ON `notes` (`author_id`, `created_at`, `id`);
-- Create index "note_created_at_id" to table: "notes"
CREATE INDEX `note_created_at_id` ON `notes` (`created_at`, `id`);
-- Create index "note_external_id" to table: "notes"
CREATE INDEX `note_external_id` ON `notes` (`external_id`);
-- Create index "note_updated_at" to table: "notes"
CREATE INDEX `note_updated_at` ON `notes` (`updated_at`);
-- Create index "note_version" to table: "notes"
CREATE INDEX `note_version` ON `notes` (`version`);
-- Create index "note_visibility" to table: "notes"
CREATE INDEX `note_visibility` ON `notes` (`visibility`);
-- Create "offices" table
CREATE TABLE `offices` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `name` json NOT NULL, `city` text NULL, `address` text NULL, `kind` text NOT NULL, `languages` json NOT NULL, `opened_on` date NULL, `closed_on` date NULL, `state` text NOT NULL DEFAULT ('planned'), `source_url` text NULL, `country_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `offices_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION);
-- Create index "office_country_id_created_at_id" to table: "offices"
CREATE INDEX `office_country_id_created_at_id` ON `offices` (`country_id`, `created_at`, `id`);
-- Create index "office_country_id_code_id" to table: "offices"
CREATE INDEX `office_country_id_code_id` ON `offices` (`country_id`, `code`, `id`);
-- Create index "office_created_at_id" to table: "offices"
CREATE INDEX `office_created_at_id` ON `offices` (`created_at`, `id`);
-- Create index "office_external_id" to table: "offices"
CREATE INDEX `office_external_id` ON `offices` (`external_id`);
-- Create index "office_code" to table: "offices"
CREATE UNIQUE INDEX `office_code` ON `offices` (`code`) WHERE archived_at IS NULL;
-- Create index "office_updated_at" to table: "offices"
CREATE INDEX `office_updated_at` ON `offices` (`updated_at`);
-- Create index "office_version" to table: "offices"
CREATE INDEX `office_version` ON `offices` (`version`);
-- Create index "office_city" to table: "offices"
CREATE INDEX `office_city` ON `offices` (`city`);
-- Create index "office_kind" to table: "offices"
CREATE INDEX `office_kind` ON `offices` (`kind`);
-- Create index "office_opened_on" to table: "offices"
CREATE INDEX `office_opened_on` ON `offices` (`opened_on`);
-- Create index "office_closed_on" to table: "offices"
CREATE INDEX `office_closed_on` ON `offices` (`closed_on`);
-- Create index "office_state" to table: "offices"
CREATE INDEX `office_state` ON `offices` (`state`);
-- Create index "office_source_url" to table: "offices"
CREATE INDEX `office_source_url` ON `offices` (`source_url`);
-- Create "participations" table
CREATE TABLE `participations` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL DEFAULT ('actual'), `profession` text NOT NULL DEFAULT ('other'), `sex` text NOT NULL DEFAULT ('unknown'), `age_band` text NOT NULL DEFAULT ('unknown'), `count` integer NOT NULL, `pre_score` real NULL, `post_score` real NULL, `activity_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `participations_activities_activity` FOREIGN KEY (`activity_id`) REFERENCES `activities` (`id`) ON DELETE NO ACTION);
-- Create index "participation_activity_id_created_at_id" to table: "participations"
CREATE INDEX `participation_activity_id_created_at_id` ON `participations` (`activity_id`, `created_at`, `id`);
-- Create index "participation_created_at_id" to table: "participations"
CREATE INDEX `participation_created_at_id` ON `participations` (`created_at`, `id`);
-- Create index "participation_external_id" to table: "participations"
CREATE INDEX `participation_external_id` ON `participations` (`external_id`);
-- Create index "participation_updated_at" to table: "participations"
CREATE INDEX `participation_updated_at` ON `participations` (`updated_at`);
-- Create index "participation_version" to table: "participations"
CREATE INDEX `participation_version` ON `participations` (`version`);
-- Create index "participation_kind" to table: "participations"
CREATE INDEX `participation_kind` ON `participations` (`kind`);
-- Create index "participation_profession" to table: "participations"
CREATE INDEX `participation_profession` ON `participations` (`profession`);
-- Create index "participation_sex" to table: "participations"
CREATE INDEX `participation_sex` ON `participations` (`sex`);
-- Create index "participation_age_band" to table: "participations"
CREATE INDEX `participation_age_band` ON `participations` (`age_band`);
-- Create index "participation_count" to table: "participations"
CREATE INDEX `participation_count` ON `participations` (`count`);
-- Create index "participation_pre_score" to table: "participations"
CREATE INDEX `participation_pre_score` ON `participations` (`pre_score`);
-- Create index "participation_post_score" to table: "participations"
CREATE INDEX `participation_post_score` ON `participations` (`post_score`);
-- Create "partners" table
CREATE TABLE `partners` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `name` json NOT NULL, `acronym` text NULL, `type` text NOT NULL, `website` text NULL, `iati_organisation_id` text NULL, `due_diligence` text NULL, `agreement` text NULL, `agreement_expires_on` date NULL, `state` text NOT NULL DEFAULT ('prospect'), `source_url` text NULL, `country_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `partners_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL);
-- Create index "partner_country_id_created_at_id" to table: "partners"
CREATE INDEX `partner_country_id_created_at_id` ON `partners` (`country_id`, `created_at`, `id`);
-- Create index "partner_country_id_code_id" to table: "partners"
CREATE INDEX `partner_country_id_code_id` ON `partners` (`country_id`, `code`, `id`);
-- Create index "partner_created_at_id" to table: "partners"
CREATE INDEX `partner_created_at_id` ON `partners` (`created_at`, `id`);
-- Create index "partner_external_id" to table: "partners"
CREATE INDEX `partner_external_id` ON `partners` (`external_id`);
-- Create index "partner_code" to table: "partners"
CREATE UNIQUE INDEX `partner_code` ON `partners` (`code`) WHERE archived_at IS NULL;
-- Create index "partner_updated_at" to table: "partners"
CREATE INDEX `partner_updated_at` ON `partners` (`updated_at`);
-- Create index "partner_version" to table: "partners"
CREATE INDEX `partner_version` ON `partners` (`version`);
-- Create index "partner_acronym" to table: "partners"
CREATE INDEX `partner_acronym` ON `partners` (`acronym`);
-- Create index "partner_type" to table: "partners"
CREATE INDEX `partner_type` ON `partners` (`type`);
-- Create index "partner_website" to table: "partners"
CREATE INDEX `partner_website` ON `partners` (`website`);
-- Create index "partner_iati_organisation_id" to table: "partners"
CREATE INDEX `partner_iati_organisation_id` ON `partners` (`iati_organisation_id`);
-- Create index "partner_agreement" to table: "partners"
CREATE INDEX `partner_agreement` ON `partners` (`agreement`);
-- Create index "partner_agreement_expires_on" to table: "partners"
CREATE INDEX `partner_agreement_expires_on` ON `partners` (`agreement_expires_on`);
-- Create index "partner_state" to table: "partners"
CREATE INDEX `partner_state` ON `partners` (`state`);
-- Create index "partner_source_url" to table: "partners"
CREATE INDEX `partner_source_url` ON `partners` (`source_url`);
-- Create "partner_contacts" table
CREATE TABLE `partner_contacts` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `name` text NOT NULL, `role` text NULL, `email` text NULL, `phone` text NULL, `partner_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `partner_contacts_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE NO ACTION);
-- Create index "partnercontact_partner_id_created_at_id" to table: "partner_contacts"
CREATE INDEX `partnercontact_partner_id_created_at_id` ON `partner_contacts` (`partner_id`, `created_at`, `id`);
-- Create index "partnercontact_created_at_id" to table: "partner_contacts"
CREATE INDEX `partnercontact_created_at_id` ON `partner_contacts` (`created_at`, `id`);
-- Create index "partnercontact_external_id" to table: "partner_contacts"
CREATE INDEX `partnercontact_external_id` ON `partner_contacts` (`external_id`);
-- Create index "partnercontact_updated_at" to table: "partner_contacts"
CREATE INDEX `partnercontact_updated_at` ON `partner_contacts` (`updated_at`);
-- Create index "partnercontact_version" to table: "partner_contacts"
CREATE INDEX `partnercontact_version` ON `partner_contacts` (`version`);
-- Create "places" table
CREATE TABLE `places` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `level` integer NOT NULL, `name` json NOT NULL, `country_id` uuid NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `places_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `places_places_parent` FOREIGN KEY (`parent_id`) REFERENCES `places` (`id`) ON DELETE SET NULL);
-- Create index "place_country_id_created_at_id" to table: "places"
CREATE INDEX `place_country_id_created_at_id` ON `places` (`country_id`, `created_at`, `id`);
-- Create index "place_country_id_code_id" to table: "places"
CREATE INDEX `place_country_id_code_id` ON `places` (`country_id`, `code`, `id`);
-- Create index "place_parent_id_created_at_id" to table: "places"
CREATE INDEX `place_parent_id_created_at_id` ON `places` (`parent_id`, `created_at`, `id`);
-- Create index "place_parent_id_code_id" to table: "places"
CREATE INDEX `place_parent_id_code_id` ON `places` (`parent_id`, `code`, `id`);
-- Create index "place_created_at_id" to table: "places"
CREATE INDEX `place_created_at_id` ON `places` (`created_at`, `id`);
-- Create index "place_external_id" to table: "places"
CREATE INDEX `place_external_id` ON `places` (`external_id`);
-- Create index "place_code" to table: "places"
CREATE UNIQUE INDEX `place_code` ON `places` (`code`) WHERE archived_at IS NULL;
-- Create index "place_updated_at" to table: "places"
CREATE INDEX `place_updated_at` ON `places` (`updated_at`);
-- Create index "place_version" to table: "places"
CREATE INDEX `place_version` ON `places` (`version`);
-- Create index "place_level" to table: "places"
CREATE INDEX `place_level` ON `places` (`level`);
-- Create "referrals" table
CREATE TABLE `referrals` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `services` json NOT NULL, `fields_shared` json NOT NULL, `reason` text NULL, `expires_on` date NULL, `state` text NOT NULL DEFAULT ('draft'), `case_file_id` uuid NOT NULL, `country_id` uuid NOT NULL, `from_office_id` uuid NULL, `partner_id` uuid NOT NULL, `consent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `referrals_case_files_case_file` FOREIGN KEY (`case_file_id`) REFERENCES `case_files` (`id`) ON DELETE NO ACTION, CONSTRAINT `referrals_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE NO ACTION, CONSTRAINT `referrals_offices_from_office` FOREIGN KEY (`from_office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL, CONSTRAINT `referrals_partners_partner` FOREIGN KEY (`partner_id`) REFERENCES `partners` (`id`) ON DELETE NO ACTION, CONSTRAINT `referrals_consents_consent` FOREIGN KEY (`consent_id`) REFERENCES `consents` (`id`) ON DELETE SET NULL);
-- Create index "referral_case_file_id_created_at_id" to table: "referrals"
CREATE INDEX `referral_case_file_id_created_at_id` ON `referrals` (`case_file_id`, `created_at`, `id`);
-- Create index "referral_country_id_created_at_id" to table: "referrals"
CREATE INDEX `referral_country_id_created_at_id` ON `referrals` (`country_id`, `created_at`, `id`);
-- Create index "referral_from_office_id_created_at_id" to table: "referrals"
CREATE INDEX `referral_from_office_id_created_at_id` ON `referrals` (`from_office_id`, `created_at`, `id`);
-- Create index "referral_partner_id_created_at_id" to table: "referrals"
CREATE INDEX `referral_partner_id_created_at_id` ON `referrals` (`partner_id`, `created_at`, `id`);
-- Create index "referral_consent_id_created_at_id" to table: "referrals"
CREATE INDEX `referral_consent_id_created_at_id` ON `referrals` (`consent_id`, `created_at`, `id`);
-- Create index "referral_created_at_id" to table: "referrals"
CREATE INDEX `referral_created_at_id` ON `referrals` (`created_at`, `id`);
-- Create index "referral_external_id" to table: "referrals"
CREATE INDEX `referral_external_id` ON `referrals` (`external_id`);
-- Create index "referral_updated_at" to table: "referrals"
CREATE INDEX `referral_updated_at` ON `referrals` (`updated_at`);
-- Create index "referral_version" to table: "referrals"
CREATE INDEX `referral_version` ON `referrals` (`version`);
-- Create index "referral_expires_on" to table: "referrals"
CREATE INDEX `referral_expires_on` ON `referrals` (`expires_on`);
-- Create index "referral_state" to table: "referrals"
CREATE INDEX `referral_state` ON `referrals` (`state`);
-- Create "regions" table
CREATE TABLE `regions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `name` json NOT NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `regions_regions_parent` FOREIGN KEY (`parent_id`) REFERENCES `regions` (`id`) ON DELETE SET NULL);
-- Create index "region_parent_id_created_at_id" to table: "regions"
CREATE INDEX `region_parent_id_created_at_id` ON `regions` (`parent_id`, `created_at`, `id`);
-- Create index "region_parent_id_code_id" to table: "regions"
CREATE INDEX `region_parent_id_code_id` ON `regions` (`parent_id`, `code`, `id`);
-- Create index "region_created_at_id" to table: "regions"
CREATE INDEX `region_created_at_id` ON `regions` (`created_at`, `id`);
-- Create index "region_external_id" to table: "regions"
CREATE INDEX `region_external_id` ON `regions` (`external_id`);
-- Create index "region_code" to table: "regions"
CREATE UNIQUE INDEX `region_code` ON `regions` (`code`) WHERE archived_at IS NULL;
-- Create index "region_updated_at" to table: "regions"
CREATE INDEX `region_updated_at` ON `regions` (`updated_at`);
-- Create index "region_version" to table: "regions"
CREATE INDEX `region_version` ON `regions` (`version`);
-- Create "registered_documents" table
CREATE TABLE `registered_documents` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `hash` text NOT NULL, `name` text NOT NULL, `text` text NOT NULL, PRIMARY KEY (`id`));
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
-- Create "resources" table
CREATE TABLE `resources` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `title` json NOT NULL, `kind` text NOT NULL, `year` integer NULL, `languages` json NOT NULL, `edition` text NULL, `audience` text NULL, `url` text NULL, `file_hash` text NULL, `licence` text NULL, `state` text NOT NULL DEFAULT ('draft'), `source_url` text NULL, `intervention_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `resources_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL);
-- Create index "resource_intervention_id_created_at_id" to table: "resources"
CREATE INDEX `resource_intervention_id_created_at_id` ON `resources` (`intervention_id`, `created_at`, `id`);
-- Create index "resource_intervention_id_code_id" to table: "resources"
CREATE INDEX `resource_intervention_id_code_id` ON `resources` (`intervention_id`, `code`, `id`);
-- Create index "resource_created_at_id" to table: "resources"
CREATE INDEX `resource_created_at_id` ON `resources` (`created_at`, `id`);
-- Create index "resource_external_id" to table: "resources"
CREATE INDEX `resource_external_id` ON `resources` (`external_id`);
-- Create index "resource_code" to table: "resources"
CREATE UNIQUE INDEX `resource_code` ON `resources` (`code`) WHERE archived_at IS NULL;
-- Create index "resource_updated_at" to table: "resources"
CREATE INDEX `resource_updated_at` ON `resources` (`updated_at`);
-- Create index "resource_version" to table: "resources"
CREATE INDEX `resource_version` ON `resources` (`version`);
-- Create index "resource_kind" to table: "resources"
CREATE INDEX `resource_kind` ON `resources` (`kind`);
-- Create index "resource_year" to table: "resources"
CREATE INDEX `resource_year` ON `resources` (`year`);
-- Create index "resource_edition" to table: "resources"
CREATE INDEX `resource_edition` ON `resources` (`edition`);
-- Create index "resource_audience" to table: "resources"
CREATE INDEX `resource_audience` ON `resources` (`audience`);
-- Create index "resource_url" to table: "resources"
CREATE INDEX `resource_url` ON `resources` (`url`);
-- Create index "resource_file_hash" to table: "resources"
CREATE INDEX `resource_file_hash` ON `resources` (`file_hash`);
-- Create index "resource_licence" to table: "resources"
CREATE INDEX `resource_licence` ON `resources` (`licence`);
-- Create index "resource_state" to table: "resources"
CREATE INDEX `resource_state` ON `resources` (`state`);
-- Create index "resource_source_url" to table: "resources"
CREATE INDEX `resource_source_url` ON `resources` (`source_url`);
-- Create "results" table
CREATE TABLE `results` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `level` text NOT NULL DEFAULT ('output'), `statement` json NOT NULL, `source_url` text NULL, `intervention_id` uuid NULL, `parent_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `results_interventions_intervention` FOREIGN KEY (`intervention_id`) REFERENCES `interventions` (`id`) ON DELETE SET NULL, CONSTRAINT `results_results_parent` FOREIGN KEY (`parent_id`) REFERENCES `results` (`id`) ON DELETE SET NULL);
-- Create index "result_intervention_id_created_at_id" to table: "results"
CREATE INDEX `result_intervention_id_created_at_id` ON `results` (`intervention_id`, `created_at`, `id`);
-- Create index "result_parent_id_created_at_id" to table: "results"
CREATE INDEX `result_parent_id_created_at_id` ON `results` (`parent_id`, `created_at`, `id`);
-- Create index "result_created_at_id" to table: "results"
CREATE INDEX `result_created_at_id` ON `results` (`created_at`, `id`);
-- Create index "result_external_id" to table: "results"
CREATE INDEX `result_external_id` ON `results` (`external_id`);
-- Create index "result_updated_at" to table: "results"
CREATE INDEX `result_updated_at` ON `results` (`updated_at`);
-- Create index "result_version" to table: "results"
CREATE INDEX `result_version` ON `results` (`version`);
-- Create index "result_level" to table: "results"
CREATE INDEX `result_level` ON `results` (`level`);
-- Create index "result_source_url" to table: "results"
CREATE INDEX `result_source_url` ON `results` (`source_url`);
-- Create "retention_rules" table
CREATE TABLE `retention_rules` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `entity` text NOT NULL, `trigger` text NOT NULL DEFAULT ('closed'), `months` integer NOT NULL, `action` text NOT NULL DEFAULT ('review'), `country_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `retention_rules_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL);
-- Create index "retentionrule_country_id_created_at_id" to table: "retention_rules"
CREATE INDEX `retentionrule_country_id_created_at_id` ON `retention_rules` (`country_id`, `created_at`, `id`);
-- Create index "retentionrule_created_at_id" to table: "retention_rules"
CREATE INDEX `retentionrule_created_at_id` ON `retention_rules` (`created_at`, `id`);
-- Create index "retentionrule_external_id" to table: "retention_rules"
CREATE INDEX `retentionrule_external_id` ON `retention_rules` (`external_id`);
-- Create index "retentionrule_updated_at" to table: "retention_rules"
CREATE INDEX `retentionrule_updated_at` ON `retention_rules` (`updated_at`);
-- Create index "retentionrule_version" to table: "retention_rules"
CREATE INDEX `retentionrule_version` ON `retention_rules` (`version`);
-- Create index "retentionrule_entity" to table: "retention_rules"
CREATE INDEX `retentionrule_entity` ON `retention_rules` (`entity`);
-- Create index "retentionrule_trigger" to table: "retention_rules"
CREATE INDEX `retentionrule_trigger` ON `retention_rules` (`trigger`);
-- Create index "retentionrule_months" to table: "retention_rules"
CREATE INDEX `retentionrule_months` ON `retention_rules` (`months`);
-- Create index "retentionrule_action" to table: "retention_rules"
CREATE INDEX `retentionrule_action` ON `retention_rules` (`action`);
-- Create "role_assignments" table
CREATE TABLE `role_assignments` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `role` text NOT NULL, `everywhere` bool NOT NULL DEFAULT (false), `country_ids` json NOT NULL, `office_ids` json NOT NULL, `partner_ids` json NOT NULL, `intervention_ids` json NOT NULL, `purposes` json NOT NULL, `valid_from` datetime NULL, `valid_until` datetime NULL, `reason` text NULL, `active_from` datetime NULL, `ended_at` datetime NULL, `state` text NOT NULL DEFAULT ('requested'), `user_id` uuid NOT NULL, `deployment_id` uuid NULL, `granted_by_id` uuid NULL, `approved_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `role_assignments_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `role_assignments_deployments_deployment` FOREIGN KEY (`deployment_id`) REFERENCES `deployments` (`id`) ON DELETE SET NULL, CONSTRAINT `role_assignments_users_granted_by` FOREIGN KEY (`granted_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `role_assignments_users_approved_by` FOREIGN KEY (`approved_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- Create index "roleassignment_user_id_created_at_id" to table: "role_assignments"
CREATE INDEX `roleassignment_user_id_created_at_id` ON `role_assignments` (`user_id`, `created_at`, `id`);
-- Create index "roleassignment_deployment_id_created_at_id" to table: "role_assignments"
CREATE INDEX `roleassignment_deployment_id_created_at_id` ON `role_assignments` (`deployment_id`, `created_at`, `id`);
-- Create index "roleassignment_granted_by_id_created_at_id" to table: "role_assignments"
CREATE INDEX `roleassignment_granted_by_id_created_at_id` ON `role_assignments` (`granted_by_id`, `created_at`, `id`);
-- Create index "roleassignment_approved_by_id_created_at_id" to table: "role_assignments"
CREATE INDEX `roleassignment_approved_by_id_created_at_id` ON `role_assignments` (`approved_by_id`, `created_at`, `id`);
-- Create index "roleassignment_created_at_id" to table: "role_assignments"
CREATE INDEX `roleassignment_created_at_id` ON `role_assignments` (`created_at`, `id`);
-- Create index "roleassignment_external_id" to table: "role_assignments"
CREATE INDEX `roleassignment_external_id` ON `role_assignments` (`external_id`);
-- Create index "roleassignment_updated_at" to table: "role_assignments"
CREATE INDEX `roleassignment_updated_at` ON `role_assignments` (`updated_at`);
-- Create index "roleassignment_version" to table: "role_assignments"
CREATE INDEX `roleassignment_version` ON `role_assignments` (`version`);
-- Create index "roleassignment_role" to table: "role_assignments"
CREATE INDEX `roleassignment_role` ON `role_assignments` (`role`);
-- Create index "roleassignment_everywhere" to table: "role_assignments"
CREATE INDEX `roleassignment_everywhere` ON `role_assignments` (`everywhere`);
-- Create index "roleassignment_valid_from" to table: "role_assignments"
CREATE INDEX `roleassignment_valid_from` ON `role_assignments` (`valid_from`);
-- Create index "roleassignment_valid_until" to table: "role_assignments"
CREATE INDEX `roleassignment_valid_until` ON `role_assignments` (`valid_until`);
-- Create index "roleassignment_active_from" to table: "role_assignments"
CREATE INDEX `roleassignment_active_from` ON `role_assignments` (`active_from`);
-- Create index "roleassignment_ended_at" to table: "role_assignments"
CREATE INDEX `roleassignment_ended_at` ON `role_assignments` (`ended_at`);
-- Create index "roleassignment_state" to table: "role_assignments"
CREATE INDEX `roleassignment_state` ON `role_assignments` (`state`);
-- Create "safeguarding_checks" table
CREATE TABLE `safeguarding_checks` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `issued_on` date NULL, `expires_on` date NULL, `result` text NOT NULL DEFAULT ('pending'), `volunteer_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `safeguarding_checks_volunteers_volunteer` FOREIGN KEY (`volunteer_id`) REFERENCES `volunteers` (`id`) ON DELETE NO ACTION);
-- Create index "safeguardingcheck_volunteer_id_created_at_id" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_volunteer_id_created_at_id` ON `safeguarding_checks` (`volunteer_id`, `created_at`, `id`);
-- Create index "safeguardingcheck_created_at_id" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_created_at_id` ON `safeguarding_checks` (`created_at`, `id`);
-- Create index "safeguardingcheck_external_id" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_external_id` ON `safeguarding_checks` (`external_id`);
-- Create index "safeguardingcheck_updated_at" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_updated_at` ON `safeguarding_checks` (`updated_at`);
-- Create index "safeguardingcheck_version" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_version` ON `safeguarding_checks` (`version`);
-- Create index "safeguardingcheck_kind" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_kind` ON `safeguarding_checks` (`kind`);
-- Create index "safeguardingcheck_issued_on" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_issued_on` ON `safeguarding_checks` (`issued_on`);
-- Create index "safeguardingcheck_expires_on" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_expires_on` ON `safeguarding_checks` (`expires_on`);
-- Create index "safeguardingcheck_result" to table: "safeguarding_checks"
CREATE INDEX `safeguardingcheck_result` ON `safeguarding_checks` (`result`);
-- Create "settings" table
CREATE TABLE `settings` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `name` text NOT NULL, `value` text NOT NULL, `meaning` text NULL, PRIMARY KEY (`id`));
-- Create index "setting_created_at_id" to table: "settings"
CREATE INDEX `setting_created_at_id` ON `settings` (`created_at`, `id`);
-- Create index "setting_external_id" to table: "settings"
CREATE INDEX `setting_external_id` ON `settings` (`external_id`);
-- Create index "setting_name" to table: "settings"
CREATE UNIQUE INDEX `setting_name` ON `settings` (`name`) WHERE archived_at IS NULL;
-- Create index "setting_updated_at" to table: "settings"
CREATE INDEX `setting_updated_at` ON `settings` (`updated_at`);
-- Create index "setting_version" to table: "settings"
CREATE INDEX `setting_version` ON `settings` (`version`);
-- Create index "setting_meaning" to table: "settings"
CREATE INDEX `setting_meaning` ON `settings` (`meaning`);
-- Create "subject_requests" table
CREATE TABLE `subject_requests` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `kind` text NOT NULL, `requester` text NOT NULL, `due_on` date NULL, `decision` text NULL, `state` text NOT NULL DEFAULT ('received'), `country_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `subject_requests_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL);
-- Create index "subjectrequest_country_id_created_at_id" to table: "subject_requests"
CREATE INDEX `subjectrequest_country_id_created_at_id` ON `subject_requests` (`country_id`, `created_at`, `id`);
-- Create index "subjectrequest_created_at_id" to table: "subject_requests"
CREATE INDEX `subjectrequest_created_at_id` ON `subject_requests` (`created_at`, `id`);
-- Create index "subjectrequest_external_id" to table: "subject_requests"
CREATE INDEX `subjectrequest_external_id` ON `subject_requests` (`external_id`);
-- Create index "subjectrequest_updated_at" to table: "subject_requests"
CREATE INDEX `subjectrequest_updated_at` ON `subject_requests` (`updated_at`);
-- Create index "subjectrequest_version" to table: "subject_requests"
CREATE INDEX `subjectrequest_version` ON `subject_requests` (`version`);
-- Create index "subjectrequest_kind" to table: "subject_requests"
CREATE INDEX `subjectrequest_kind` ON `subject_requests` (`kind`);
-- Create index "subjectrequest_due_on" to table: "subject_requests"
CREATE INDEX `subjectrequest_due_on` ON `subject_requests` (`due_on`);
-- Create index "subjectrequest_state" to table: "subject_requests"
CREATE INDEX `subjectrequest_state` ON `subject_requests` (`state`);
-- Create "users" table
CREATE TABLE `users` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `display_name` text NOT NULL, `email` text NOT NULL, `locale` text NOT NULL DEFAULT ('fr'), `issuer` text NULL, `subject` text NULL, `code_of_conduct_accepted_at` datetime NULL, `state` text NOT NULL DEFAULT ('invited'), `synthetic` bool NOT NULL DEFAULT (false), `country_id` uuid NULL, `office_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `users_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL, CONSTRAINT `users_offices_office` FOREIGN KEY (`office_id`) REFERENCES `offices` (`id`) ON DELETE SET NULL);
-- Create index "user_country_id_created_at_id" to table: "users"
CREATE INDEX `user_country_id_created_at_id` ON `users` (`country_id`, `created_at`, `id`);
-- Create index "user_office_id_created_at_id" to table: "users"
CREATE INDEX `user_office_id_created_at_id` ON `users` (`office_id`, `created_at`, `id`);
-- Create index "user_office_id_country_id_created_at_id" to table: "users"
CREATE INDEX `user_office_id_country_id_created_at_id` ON `users` (`office_id`, `country_id`, `created_at`, `id`);
-- Create index "user_created_at_id" to table: "users"
CREATE INDEX `user_created_at_id` ON `users` (`created_at`, `id`);
-- Create index "user_external_id" to table: "users"
CREATE INDEX `user_external_id` ON `users` (`external_id`);
-- Create index "user_email" to table: "users"
CREATE UNIQUE INDEX `user_email` ON `users` (`email`) WHERE archived_at IS NULL;
-- Create index "user_updated_at" to table: "users"
CREATE INDEX `user_updated_at` ON `users` (`updated_at`);
-- Create index "user_version" to table: "users"
CREATE INDEX `user_version` ON `users` (`version`);
-- Create index "user_locale" to table: "users"
CREATE INDEX `user_locale` ON `users` (`locale`);
-- Create index "user_code_of_conduct_accepted_at" to table: "users"
CREATE INDEX `user_code_of_conduct_accepted_at` ON `users` (`code_of_conduct_accepted_at`);
-- Create index "user_state" to table: "users"
CREATE INDEX `user_state` ON `users` (`state`);
-- Create index "user_synthetic" to table: "users"
CREATE INDEX `user_synthetic` ON `users` (`synthetic`);
-- Create "volunteers" table
CREATE TABLE `volunteers` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `created_by` uuid NULL, `edited_by` json NULL, `version` integer NOT NULL DEFAULT (1), `archived_at` datetime NULL, `external_id` text NULL, `code` text NOT NULL, `given_name` text NOT NULL, `family_name` text NOT NULL, `birth_date` date NULL, `passport` text NULL, `emergency_contact` text NULL, `medical_notes` text NULL, `languages` json NOT NULL, `skills` json NOT NULL, `home_province` text NULL, `state` text NOT NULL DEFAULT ('applicant'), `synthetic` bool NOT NULL DEFAULT (false), `user_id` uuid NULL, `country_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `volunteers_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `volunteers_countries_country` FOREIGN KEY (`country_id`) REFERENCES `countries` (`id`) ON DELETE SET NULL);
-- Create index "volunteer_user_id_created_at_id" to table: "volunteers"
CREATE INDEX `volunteer_user_id_created_at_id` ON `volunteers` (`user_id`, `created_at`, `id`);
-- Create index "volunteer_user_id_code_id" to table: "volunteers"
CREATE INDEX `volunteer_user_id_code_id` ON `volunteers` (`user_id`, `code`, `id`);
-- Create index "volunteer_country_id_created_at_id" to table: "volunteers"
CREATE INDEX `volunteer_country_id_created_at_id` ON `volunteers` (`country_id`, `created_at`, `id`);
-- Create index "volunteer_country_id_code_id" to table: "volunteers"
CREATE INDEX `volunteer_country_id_code_id` ON `volunteers` (`country_id`, `code`, `id`);
-- Create index "volunteer_created_at_id" to table: "volunteers"
CREATE INDEX `volunteer_created_at_id` ON `volunteers` (`created_at`, `id`);
-- Create index "volunteer_external_id" to table: "volunteers"
CREATE INDEX `volunteer_external_id` ON `volunteers` (`external_id`);
-- Create index "volunteer_updated_at" to table: "volunteers"
CREATE INDEX `volunteer_updated_at` ON `volunteers` (`updated_at`);
-- Create index "volunteer_version" to table: "volunteers"
CREATE INDEX `volunteer_version` ON `volunteers` (`version`);
-- Create index "volunteer_code" to table: "volunteers"
CREATE INDEX `volunteer_code` ON `volunteers` (`code`);
-- Create index "volunteer_birth_date" to table: "volunteers"
CREATE INDEX `volunteer_birth_date` ON `volunteers` (`birth_date`);
-- Create index "volunteer_home_province" to table: "volunteers"
CREATE INDEX `volunteer_home_province` ON `volunteers` (`home_province`);
-- Create index "volunteer_state" to table: "volunteers"
CREATE INDEX `volunteer_state` ON `volunteers` (`state`);
-- Create index "volunteer_synthetic" to table: "volunteers"
CREATE INDEX `volunteer_synthetic` ON `volunteers` (`synthetic`);
-- Create "row_changes" table
CREATE TABLE `row_changes` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `xid` integer NOT NULL, `entity` text NOT NULL, `row_key` uuid NULL, `at` datetime NOT NULL);
-- Create index "row_changes_xid" to table: "row_changes"
CREATE INDEX `row_changes_xid` ON `row_changes` (`xid`);
-- Create index "row_changes_at" to table: "row_changes"
CREATE INDEX `row_changes_at` ON `row_changes` (`at`);
-- Create "change_marks" table
CREATE TABLE `change_marks` (`id` uuid NOT NULL, `owner` text NOT NULL, `parent_id` uuid NULL, `depth` integer NOT NULL, `entries` blob NOT NULL, `kept_until` datetime NOT NULL, PRIMARY KEY (`id`));
-- Create index "change_marks_owner" to table: "change_marks"
CREATE INDEX `change_marks_owner` ON `change_marks` (`owner`, `kept_until`);
-- Create index "change_marks_kept" to table: "change_marks"
CREATE INDEX `change_marks_kept` ON `change_marks` (`kept_until`);
-- Create "hub_answers" table
CREATE TABLE `hub_answers` (`id` text NOT NULL, `payload` text NOT NULL, `claim` text NOT NULL, `claimed_until` integer NOT NULL, `kept_until` integer NOT NULL, `answer` text NULL, PRIMARY KEY (`id`));
-- Create index "hub_answers_kept_until" to table: "hub_answers"
CREATE INDEX `hub_answers_kept_until` ON `hub_answers` (`kept_until`);
-- Create "record_numbers" table
CREATE TABLE `record_numbers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `at` datetime NOT NULL);
