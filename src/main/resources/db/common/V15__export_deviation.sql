-- How much the time that jobs of a kind take varies: the mean of how far each was from what was expected.
ALTER TABLE export_duration ADD COLUMN deviation BIGINT NOT NULL DEFAULT 0;
