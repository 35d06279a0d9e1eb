-- Accepted work. Times are milliseconds since 1970, payloads are the vendor's JSON. The same for both databases.

-- Numbers letters. Whoever accepts holds its row until the end of the transaction, so that numbers become visible in
-- their order.
CREATE TABLE delivery_counter (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO delivery_counter (name, value) VALUES ('letters', 0);

-- What a team sends to one channel of an account, and how much of it is here.
CREATE TABLE delivery_flow (
    flow    INTEGER PRIMARY KEY,
    vendor  TEXT NOT NULL,
    account TEXT NOT NULL,
    channel TEXT NOT NULL,
    team    TEXT NOT NULL,
    queued  BIGINT NOT NULL,
    dead    BIGINT NOT NULL,
    UNIQUE (vendor, account, channel, team)
);

-- One addressee who has letters waiting. Its letters go one after another, and the first one's flow pays.
CREATE TABLE delivery_lane (
    lane        BIGINT PRIMARY KEY,
    flow        INTEGER NOT NULL,
    -- when a courier may take it; a claim moves it to the end of its lease
    due_at      BIGINT NOT NULL,
    failures    INTEGER NOT NULL,
    -- its newest letter
    last_seq    BIGINT NOT NULL,
    -- who delivers its oldest letter, and which one that is
    claim       TEXT,
    claimed_seq BIGINT,
    -- whether the claim before that one was never ended
    lost        INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX delivery_lane_due ON delivery_lane (flow, due_at);
CREATE INDEX delivery_lane_claim ON delivery_lane (claim) WHERE claim IS NOT NULL;

-- Letters that wait.
CREATE TABLE delivery (
    lane        BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    flow        INTEGER NOT NULL,
    -- the accepted call, and the letter's place in it
    id          TEXT NOT NULL,
    position    INTEGER NOT NULL,
    -- what the vendor's carrier does with it; 'gate' holds a lane until a letter of another one is gone
    kind        TEXT NOT NULL,
    operation   TEXT NOT NULL,
    payload     TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    -- the other lane of a letter that concerns two; for a gate, the lane of the letter
    other_lane  BIGINT,
    PRIMARY KEY (lane, seq)
);
CREATE INDEX delivery_id ON delivery (id);
CREATE INDEX delivery_oldest ON delivery (flow, seq);

-- Letters that are delivered, for as long as somebody may ask, and dead ones, which keep their payload.
CREATE TABLE delivery_ended (
    id          TEXT NOT NULL,
    position    INTEGER NOT NULL,
    flow        INTEGER NOT NULL,
    lane        BIGINT NOT NULL,
    other_lane  BIGINT,
    kind        TEXT NOT NULL,
    operation   TEXT NOT NULL,
    payload     TEXT,
    state       TEXT NOT NULL,
    reason      TEXT,
    attempts    INTEGER NOT NULL,
    accepted_at BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL,
    keep_until  BIGINT NOT NULL,
    PRIMARY KEY (id, position)
);
CREATE INDEX delivery_dead ON delivery_ended (flow, id, position) WHERE state = 'dead';
CREATE INDEX delivery_forget ON delivery_ended (keep_until);
