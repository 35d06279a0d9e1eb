-- Writes whose lost answers are told by what a vendor's list has more than before, and what they made.
CREATE TABLE claim (
    write      TEXT PRIMARY KEY,
    -- where what it makes is listed
    list       TEXT NOT NULL,
    -- counts the writes of a list, by their beginnings
    began      INTEGER NOT NULL,
    -- the last one that had begun when this one was given up
    lost       INTEGER,
    -- what it made; none as long as nobody knows
    id         TEXT,
    -- milliseconds since 1970
    keep_until BIGINT NOT NULL
);
CREATE UNIQUE INDEX claim_once ON claim (list, id);
CREATE INDEX claim_forget ON claim (keep_until);
