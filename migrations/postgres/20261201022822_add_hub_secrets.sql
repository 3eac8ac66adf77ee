-- Create "hub_secrets" table
CREATE TABLE "hub_secrets" ("id" character varying NOT NULL COLLATE "C", "check_value" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"));
