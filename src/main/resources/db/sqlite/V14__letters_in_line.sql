-- Letters are accepted in line, by number, which only appends; couriers sort them into lanes, many at a time. An index by
-- lane over all of them would have every acceptance write a page for each letter.

-- Up to where letters are sorted into lanes. Whoever sorts holds its row until the end of the transaction.
INSERT INTO delivery_counter (name, value) SELECT 'sorted', value FROM delivery_counter WHERE name = 'letters';

-- Letters that are in their lane.
CREATE TABLE delivery_sorted (
    lane BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    PRIMARY KEY (lane, seq)
) WITHOUT ROWID;
INSERT INTO delivery_sorted (lane, seq) SELECT lane, seq FROM delivery ORDER BY lane, seq;

CREATE TABLE delivery_line (
    lane        BIGINT NOT NULL,
    seq         BIGINT NOT NULL,
    flow        INTEGER NOT NULL,
    id          TEXT NOT NULL,
    position    INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    operation   TEXT NOT NULL,
    payload     TEXT NOT NULL,
    accepted_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    other_lane  BIGINT,
    PRIMARY KEY (seq, lane)
);
INSERT INTO delivery_line (lane, seq, flow, id, position, kind, operation, payload, accepted_at, expires_at, other_lane)
    SELECT lane, seq, flow, id, position, kind, operation, payload, accepted_at, expires_at, other_lane
    FROM delivery ORDER BY seq, lane;
DROP TABLE delivery;
ALTER TABLE delivery_line RENAME TO delivery;
CREATE INDEX delivery_id ON delivery (id);
CREATE INDEX delivery_oldest ON delivery (flow, seq);
