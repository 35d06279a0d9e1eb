-- Files that were begun for a job and are not known to be its file: so that what a process that died has left is deleted.
CREATE TABLE export_writing (
    file      TEXT PRIMARY KEY,
    job_id    TEXT NOT NULL,
    -- 1 once nobody may say any more that it is the job's file
    abandoned INTEGER NOT NULL
);
