-- The ids of the jobs that run at the vendor, whoever started them, as it said last: a JSON array. "others" counts those
-- that it did not name.
ALTER TABLE export_account ADD COLUMN jobs TEXT NOT NULL DEFAULT '[]';
-- On whose behalf it was asked, when it answered last; none before it ever has.
ALTER TABLE export_account ADD COLUMN payer TEXT;
