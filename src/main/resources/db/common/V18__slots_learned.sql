-- When the vendor last said how many slots are taken; "others" may be below zero, which is as good as zero, while jobs of
-- ours that have ended are believed to be running.
ALTER TABLE export_account ADD COLUMN learned_at BIGINT NOT NULL DEFAULT 0;
