-- Times are milliseconds since 1970, documents are JSON. The same for SQLite and PostgreSQL.

-- What a team asked for, and what it was told.
CREATE TABLE export (
    id              TEXT PRIMARY KEY,
    vendor          TEXT NOT NULL,
    account         TEXT NOT NULL,
    team            TEXT NOT NULL,
    state           TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    -- an Idempotency-Key, as long as it holds
    idempotency_key TEXT,
    request_hash    TEXT,
    first_answer    TEXT
);
CREATE UNIQUE INDEX export_idempotency ON export (team, idempotency_key);
CREATE INDEX export_of_team ON export (team, id);
CREATE INDEX export_age ON export (created_at);

-- One job at a vendor, for one or more parts: equal ones are made once.
CREATE TABLE export_job (
    id            TEXT PRIMARY KEY,
    vendor        TEXT NOT NULL,
    account       TEXT NOT NULL,
    -- who pays for its calls: the team that asked first
    team          TEXT NOT NULL,
    -- what jobs of about the same duration have in common
    kind          TEXT NOT NULL,
    -- equal for equal jobs
    fingerprint   TEXT NOT NULL,
    -- what to export, in the vendor's terms
    spec          TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    state         TEXT NOT NULL,
    -- what belongs to the state
    detail        TEXT NOT NULL,
    attempts      INTEGER NOT NULL,
    -- its place in the account's queue
    tag           DOUBLE PRECISION NOT NULL,
    -- when to look at it; none while it waits for a slot, and when it is over
    due_at        BIGINT,
    give_up_at    BIGINT,
    -- milliseconds that the vendor may take beyond the deadline
    allowance     BIGINT NOT NULL,
    -- 1 if nobody wants it any more
    cancelling    INTEGER NOT NULL,
    vendor_job_id TEXT,
    -- how many bytes of its file have come so far
    fetched       BIGINT NOT NULL,
    -- until when equal jobs need not be made again
    ended_at      BIGINT,
    -- until when the file is kept; none when there is no file
    file_until    BIGINT,
    lease_owner   TEXT,
    lease_until   BIGINT
);
CREATE INDEX export_job_due ON export_job (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX export_job_queue ON export_job (vendor, account, tag, id) WHERE state = 'queued';
CREATE INDEX export_job_slots ON export_job (vendor, account) WHERE state IN ('submitting', 'running');
CREATE INDEX export_job_open ON export_job (team) WHERE state IN ('queued', 'submitting', 'running', 'fetching');
CREATE INDEX export_job_twin ON export_job (fingerprint, created_at);
CREATE INDEX export_job_at_vendor ON export_job (vendor, account, vendor_job_id) WHERE vendor_job_id IS NOT NULL;
CREATE INDEX export_job_files ON export_job (file_until) WHERE file_until IS NOT NULL;

CREATE TABLE export_part (
    export_id TEXT NOT NULL REFERENCES export (id) ON DELETE CASCADE,
    position  INTEGER NOT NULL,
    part      TEXT NOT NULL,
    job_id    TEXT NOT NULL REFERENCES export_job (id),
    cancelled INTEGER NOT NULL,
    PRIMARY KEY (export_id, position)
);
CREATE UNIQUE INDEX export_part_name ON export_part (export_id, part);
CREATE INDEX export_part_of_job ON export_part (job_id);

-- What is known of an account's slots, for all processes; its row is the lock for submitting.
CREATE TABLE export_account (
    vendor       TEXT NOT NULL,
    account      TEXT NOT NULL,
    slots        INTEGER NOT NULL,
    -- slots that jobs of others take
    others       INTEGER NOT NULL,
    asked_at     BIGINT NOT NULL,
    -- no submission before
    closed_until BIGINT NOT NULL,
    -- the largest tag that has left the queue
    virtual_time DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (vendor, account)
);

-- Start-time fair queueing: where each team's next tag begins.
CREATE TABLE export_flow (
    vendor  TEXT NOT NULL,
    account TEXT NOT NULL,
    team    TEXT NOT NULL,
    finish  DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (vendor, account, team)
);

-- How long jobs of a kind take.
CREATE TABLE export_duration (
    vendor  TEXT NOT NULL,
    account TEXT NOT NULL,
    kind    TEXT NOT NULL,
    millis  BIGINT NOT NULL,
    PRIMARY KEY (vendor, account, kind)
);
