CREATE TABLE `folded_chunk` (
	`id` integer PRIMARY KEY NOT NULL,
	`seq` integer NOT NULL,
	`digest` blob NOT NULL
) STRICT;
