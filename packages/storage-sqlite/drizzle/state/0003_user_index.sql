-- Readers need not wait for it.
-- Only the chunks of users are indexed from here on.
DELETE FROM `log_index` WHERE `kind` IN ('session', 'room');
