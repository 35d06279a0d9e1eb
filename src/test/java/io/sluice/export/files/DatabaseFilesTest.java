package io.sluice.export.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.store.Database;
import io.sluice.store.Sql;
import io.sluice.store.TestDatabase;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Files in PostgreSQL. */
class DatabaseFilesTest extends ResultFilesContract {
    private static final Database DATABASE = TestDatabase.postgresql();

    @Override
    ResultFiles files() {
        DATABASE.inTransaction(connection -> new Sql("TRUNCATE export_file_piece, export_writing").update(connection));
        DATABASE.inTransaction(
                connection -> new Sql("INSERT INTO export_writing (file, job_id, abandoned) VALUES (?, 'job_1', 0)")
                        .with(KEY)
                        .update(connection));
        return new DatabaseFiles(DATABASE);
    }

    @Override
    void abandon(String key) {
        DATABASE.inTransaction(connection ->
                new Sql("DELETE FROM export_writing WHERE file = ?").with(key).update(connection));
    }

    @Override
    long leftBehind() {
        return DATABASE.inTransaction(connection -> new Sql("SELECT count(*) AS pieces FROM export_file_piece")
                .first(connection, row -> row.getLong("pieces"))
                .orElseThrow());
    }

    @Test
    void a_file_that_is_about_to_be_deleted_gets_no_more_pieces() throws IOException {
        ResultFiles files = files();
        DATABASE.inTransaction(connection -> new Sql("UPDATE export_writing SET abandoned = 1 WHERE file = ?")
                .with(KEY)
                .update(connection));

        assertThatThrownBy(() -> write(files, KEY, new byte[] {1}, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("abandoned");
        assertThat(leftBehind()).isZero();
    }
}
