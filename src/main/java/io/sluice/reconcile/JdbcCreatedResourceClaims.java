package io.sluice.reconcile;

import io.sluice.store.Database;
import io.sluice.store.Retention;
import io.sluice.store.Sql;
import io.sluice.store.StoreUnavailableException;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The claims on created resources in the database. A unique index keeps two writes from claiming the same one. */
@Singleton
class JdbcCreatedResourceClaims implements CreatedResourceClaims {
    private static final Logger LOG = Logger.getLogger(JdbcCreatedResourceClaims.class);

    private final Database database;
    private final InstantSource clock;

    JdbcCreatedResourceClaims(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The retention of its table. */
    @Produces
    @Singleton
    Retention retention() {
        return Retention.byRow(database, "claim", "write");
    }

    @Override
    public boolean begin(String list, String write, Instant until) {
        return inTransaction(write, connection -> insert(connection, list, write, null, until) == 1)
                .orElse(false);
    }

    @Override
    public void made(String list, String write, String id, Instant until) {
        inTransaction(write, connection -> {
            delete(connection, write);
            // Claimed by another write whose response was lost while this one was open: both were executed, and which
            // one created which resource is unknown.
            return listState(connection, list, write).claimed().contains(id)
                    ? 0
                    : insert(connection, list, write, id, until);
        });
    }

    @Override
    public void abort(String write) {
        inTransaction(write, connection -> delete(connection, write));
    }

    @Override
    public void lost(String list, String write) {
        inTransaction(
                write,
                connection -> new Sql(
                                "UPDATE claim SET lost = (SELECT MAX(began) FROM claim WHERE list = ?) WHERE write = ?")
                        .with(list, write)
                        .update(connection));
    }

    @Override
    public Optional<String> claim(String list, String write, Collection<String> added) {
        return inTransaction(write, connection -> {
                    ListState listState = listState(connection, list, write);
                    Optional<String> id = Candidates.of(Set.copyOf(added))
                            .without(listState.claimed())
                            .madeByAll(listState.contenders());
                    return id.isPresent() && give(connection, write, id.get()) == 1 ? id : Optional.<String>empty();
                })
                .flatMap(claimed -> claimed);
    }

    private <T> Optional<T> inTransaction(String write, Database.Work<T> work) {
        try {
            return Optional.of(database.inTransaction(work));
        } catch (StoreUnavailableException e) {
            LOG.debugf("could not store or look up the created resource: request=%s: %s", write, e.getMessage());
            return Optional.empty();
        }
    }

    private static int insert(Connection connection, String list, String write, @Nullable String id, Instant until)
            throws SQLException {
        return new Sql("INSERT INTO claim (write, list, id, began, keep_until)"
                        + " SELECT ?, ?, CAST(? AS TEXT),"
                        + " COALESCE(MAX(CASE WHEN lost > began THEN lost ELSE began END), 0) + 1, ?"
                        + " FROM claim WHERE list = ?")
                .with(write, list, id, until, list)
                .update(connection);
    }

    /**
     * The claims on a list at one moment.
     *
     * @param contenders how many writes with unknown results may have created something since a write was begun; that
     *     one included
     */
    private record ListState(Set<String> claimed, int contenders) {}

    /** By one statement, so that all is of one moment; claims that have expired are left out. */
    private ListState listState(Connection connection, String list, String write) throws SQLException {
        record Row(@Nullable String id, int contender) {}
        List<Row> rows = new Sql("SELECT id,"
                        + " CASE WHEN lost IS NULL OR lost >= (SELECT began FROM claim WHERE write = ?) THEN 1 ELSE 0 END"
                        + " AS contender FROM claim WHERE list = ? AND keep_until > ?")
                .with(write, list, clock.instant())
                .list(connection, row -> new Row(row.getString("id"), row.getInt("contender")));
        Set<String> claimed = new HashSet<>();
        int contenders = 0;
        for (Row row : rows) {
            if (row.id() == null) {
                contenders += row.contender();
            } else {
                claimed.add(row.id());
            }
        }
        return new ListState(claimed, contenders);
    }

    private int give(Connection connection, String write, String id) throws SQLException {
        return new Sql("UPDATE claim SET id = ? WHERE write = ? AND id IS NULL AND keep_until > ?")
                .with(id, write, clock.instant())
                .update(connection);
    }

    private static int delete(Connection connection, String write) throws SQLException {
        return new Sql("DELETE FROM claim WHERE write = ?").with(write).update(connection);
    }
}
