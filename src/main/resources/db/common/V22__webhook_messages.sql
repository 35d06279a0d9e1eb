-- The webhooks that were received, by the ids that vendors give them, so that none is processed twice. Times are milliseconds
-- since 1970.
CREATE TABLE webhook_message (
    vendor     TEXT NOT NULL,
    account    TEXT NOT NULL,
    message_id TEXT NOT NULL,
    keep_until BIGINT NOT NULL,
    PRIMARY KEY (vendor, account, message_id)
);
CREATE INDEX webhook_message_forget ON webhook_message (keep_until);
