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
