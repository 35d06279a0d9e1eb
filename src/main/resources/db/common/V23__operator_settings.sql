-- Settings that operators make at run time: pauses, drains, changed limits. One that is not here has its configured value.
-- Times are milliseconds since 1970.
CREATE TABLE operator_setting (
    vendor     TEXT NOT NULL,
    account    TEXT NOT NULL,
    -- 'calls', 'deliveries', or 'limit:' and the limit's name
    setting    TEXT NOT NULL,
    -- 'paused', 'draining', or the changed limit as JSON
    value      TEXT NOT NULL,
    -- the admin's team, and when it made the setting; absent for one of a version that did not record them
    set_by     TEXT,
    set_at     BIGINT,
    reason     TEXT,
    -- when the setting ends by itself; absent if it does not
    keep_until BIGINT,
    PRIMARY KEY (vendor, account, setting)
);
CREATE INDEX operator_setting_end ON operator_setting (keep_until);
-- The former table stays as it is, for a return to the version that reads it.
INSERT INTO operator_setting (vendor, account, setting, value)
    SELECT vendor, account, 'deliveries', mode FROM delivery_mode;
