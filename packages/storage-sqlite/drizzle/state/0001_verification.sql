CREATE TABLE `bucket` (
	`tier` integer NOT NULL,
	`bucket_ms` integer NOT NULL,
	`set_id` integer NOT NULL,
	`revision` integer NOT NULL,
	`checked_at_ms` integer,
	`repaired_at_ms` integer,
	PRIMARY KEY(`tier`, `bucket_ms`, `set_id`),
	FOREIGN KEY (`set_id`) REFERENCES `cell_set`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `repair` (
	`id` integer PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`part` text NOT NULL,
	`stored` text,
	`derived` text
) STRICT;
--> statement-breakpoint
CREATE TABLE `verification` (
	`id` integer PRIMARY KEY NOT NULL,
	`frozen_before_ms` integer NOT NULL,
	`finished_at_ms` integer,
	`through_seq` integer,
	`unsettled` integer
) STRICT;
--> statement-breakpoint
INSERT INTO `verification` (`id`, `frozen_before_ms`) VALUES (1, 0);
--> statement-breakpoint
-- Entities and cells have another shape from here on. The log has everything: the fold begins again at its first chunk.
DELETE FROM `log_index`;
--> statement-breakpoint
DELETE FROM `fold_time`;
--> statement-breakpoint
DELETE FROM `entity`;
--> statement-breakpoint
DELETE FROM `cell`;
--> statement-breakpoint
DELETE FROM `cell_set`;
--> statement-breakpoint
UPDATE `mark` SET `seq` = 0, `users` = 0, `minutes_from_ms` = 0, `revision` = `revision` + 1 WHERE `seq` > 0;
