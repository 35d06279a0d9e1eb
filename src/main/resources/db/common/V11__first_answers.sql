-- Calls on mounts that named an Idempotency-Key, and what was answered first. Times are milliseconds since 1970.
CREATE TABLE first_answer (
    team         TEXT NOT NULL,
    name         TEXT NOT NULL,
    -- equal for equal calls
    request_hash TEXT NOT NULL,
    -- who made the call, as long as there is no answer
    owner        TEXT NOT NULL,
    status       INTEGER,
    content_type TEXT,
    body         TEXT,
    unknown      INTEGER NOT NULL,
    keep_until   BIGINT NOT NULL,
    PRIMARY KEY (team, name)
);
CREATE INDEX first_answer_forget ON first_answer (keep_until);
