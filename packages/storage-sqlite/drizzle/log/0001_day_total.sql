CREATE TABLE `day_total` (
	`day` integer PRIMARY KEY NOT NULL,
	`chunks` integer NOT NULL
) STRICT;
--> statement-breakpoint
INSERT INTO `day_total` SELECT `day`, count(*) FROM `chunk_day` GROUP BY `day`;
