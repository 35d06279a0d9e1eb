-- Letters are accepted in line, by number; couriers sort them into lanes, many at a time. The version before may go on
-- beside: what it sorts at once is sorted here again, which changes nothing.

-- Nobody accepts until the end of this transaction.
UPDATE delivery_counter SET value = value WHERE name = 'letters';

-- Up to where letters are sorted into lanes. Whoever sorts holds its row until the end of the transaction.
INSERT INTO delivery_counter (name, value) SELECT 'sorted', value FROM delivery_counter WHERE name = 'letters';

-- Letters that are in their lane.
CREATE TABLE delivery_sorted (
    lane BIGINT NOT NULL,
    seq  BIGINT NOT NULL,
    PRIMARY KEY (lane, seq)
);
INSERT INTO delivery_sorted (lane, seq) SELECT lane, seq FROM delivery;

CREATE INDEX delivery_line ON delivery (seq);
