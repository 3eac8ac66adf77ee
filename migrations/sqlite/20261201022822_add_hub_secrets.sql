-- Create "hub_secrets" table
CREATE TABLE `hub_secrets` (`id` text NOT NULL, `check_value` text NOT NULL, PRIMARY KEY (`id`));
