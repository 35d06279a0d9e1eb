-- Files of exports, in pieces, where processes share no folder.
CREATE TABLE export_file_piece (
    file  TEXT NOT NULL,
    start BIGINT NOT NULL,
    bytes BYTEA NOT NULL,
    PRIMARY KEY (file, start)
);
ALTER TABLE export_file_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
