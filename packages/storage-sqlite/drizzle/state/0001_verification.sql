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
INSERT INTO `bucket` (`tier`, `bucket_ms`, `set_id`, `revision`) SELECT DISTINCT `tier`, `bucket_ms`, `set_id`, 0 FROM `cell`;
