CREATE TABLE `chunk` (
	`seq` integer PRIMARY KEY NOT NULL,
	`received_at_ms` integer NOT NULL,
	`events` integer NOT NULL,
	`body` blob NOT NULL
) STRICT;
--> statement-breakpoint
CREATE TABLE `chunk_day` (
	`day` integer NOT NULL,
	`seq` integer NOT NULL,
	`first_ms` integer NOT NULL,
	`last_ms` integer NOT NULL,
	PRIMARY KEY(`day`, `seq`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `event_id` (
	`key` blob PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `refusal` (
	`key` blob PRIMARY KEY NOT NULL,
	`at_ms` integer NOT NULL,
	`code` text NOT NULL
) STRICT, WITHOUT ROWID;
