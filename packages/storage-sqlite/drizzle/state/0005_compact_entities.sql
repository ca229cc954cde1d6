-- Values are bytes from here on. Those that are JSON stay so until a fold writes them again.
CREATE TABLE `__new_entity` (
	`kind` text NOT NULL,
	`key` text NOT NULL,
	`value` blob NOT NULL,
	PRIMARY KEY(`kind`, `key`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
INSERT INTO `__new_entity` SELECT `kind`, `key`, CAST(`value` AS blob) FROM `entity` ORDER BY `kind`, `key`;
--> statement-breakpoint
DROP TABLE `entity`;
--> statement-breakpoint
ALTER TABLE `__new_entity` RENAME TO `entity`;
