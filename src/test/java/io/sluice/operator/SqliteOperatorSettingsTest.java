package io.sluice.operator;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLTransientException;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class SqliteOperatorSettingsTest extends OperatorSettingsContract {
    @TempDir
    Path directory;

    @Override
    Database open(BooleanSupplier away) {
        return TestDatabase.sqlite(directory.resolve("db"), () -> {
            if (away.getAsBoolean()) {
                throw SqliteOperatorSettingsTest.<RuntimeException>asUnchecked(new SQLTransientException("it is away"));
            }
        });
    }

    /** The source of connections runs it where a source may throw this. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Exception> E asUnchecked(Exception checked) throws E {
        throw (E) checked;
    }

    @Override
    DataSource source() {
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + directory.resolve("db"));
        return source;
    }

    @Override
    String[] migrations() {
        return new String[] {"db/common", "db/sqlite"};
    }
}
