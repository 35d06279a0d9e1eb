-- What vendors told by webhook, for teams to read. Times are milliseconds since 1970.

-- Numbers events. Whoever stores holds its row until the end of the transaction, so that numbers become visible in order
-- and no reader can miss one.
CREATE TABLE webhook_counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO webhook_counter (name, value) VALUES ('events', 0);

CREATE TABLE webhook_event (
    vendor      TEXT NOT NULL,
    account     TEXT NOT NULL,
    seq         BIGINT NOT NULL,
    event_id    TEXT NOT NULL,
    -- JSON on one line
    body        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    keep_until  BIGINT NOT NULL,
    PRIMARY KEY (vendor, account, seq)
);
CREATE UNIQUE INDEX webhook_event_once ON webhook_event (vendor, account, event_id);
CREATE INDEX webhook_event_forget ON webhook_event (keep_until);
