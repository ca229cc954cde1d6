CREATE TABLE `cell` (
	`set_id` integer NOT NULL,
	`tier` integer NOT NULL,
	`bucket_ms` integer NOT NULL,
	`value` text NOT NULL,
	`shard` integer NOT NULL,
	`vector` blob NOT NULL,
	PRIMARY KEY(`set_id`, `tier`, `bucket_ms`, `value`, `shard`),
	FOREIGN KEY (`set_id`) REFERENCES `cell_set`(`id`) ON UPDATE no action ON DELETE no action
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `cell_set` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `cell_set_name_unique` ON `cell_set` (`name`);
--> statement-breakpoint
CREATE TABLE `entity` (
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`value` text NOT NULL,
	PRIMARY KEY(`kind`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `fold_time` (
	`to_seq` integer PRIMARY KEY NOT NULL,
	`folded_at_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `log_index` (
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`seq` integer NOT NULL,
	PRIMARY KEY(`kind`, `key`, `seq`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `mark` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`revision` integer NOT NULL,
	`users` integer NOT NULL,
	`minutes_from_ms` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `mark` VALUES (1, 0, 0, 0, 0);
