-- Accounts whose deliveries an admin has paused or drains. Those that are not here go on as usual.
CREATE TABLE delivery_mode (
    vendor  TEXT NOT NULL,
    account TEXT NOT NULL,
    mode    TEXT NOT NULL,
    PRIMARY KEY (vendor, account)
);
