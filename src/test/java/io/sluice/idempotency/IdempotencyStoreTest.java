package io.sluice.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.idempotency.IdempotencyStore.Lookup;
import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** First answers in a store that others use at the same time. */
class IdempotencyStoreTest {
    /** The insert meets a row that is gone when it is read: not another request's, and not nobody's either. */
    @Test
    void a_call_that_is_undone_while_it_is_looked_up_is_begun_by_who_looks() {
        DataSource source = TestDatabase.source();
        IdempotencyStore there = new IdempotencyStore(TestDatabase.postgresql(source));
        there.begin("red", "k", "hash", "there", 0, 1_000);
        AtomicReference<Runnable> once = new AtomicReference<>(() -> there.abort("red", "k", "there"));
        IdempotencyStore here = new IdempotencyStore(TestDatabase.postgresql(
                looking(source, () -> once.getAndSet(() -> {}).run())));

        Lookup lookup = here.begin("red", "k", "hash", "here", 0, 2_000);

        assertThat(lookup).isEqualTo(new Lookup.New());
        assertThat(there.begin("red", "k", "hash", "there", 0, 3_000)).isEqualTo(new Lookup.InProgress("here", 2_000));
        assertThat(there.begin("red", "k", "other", "there", 0, 3_000)).isEqualTo(new Lookup.Mismatch());
    }

    /** The retention job deletes them when it comes to it; until then they must count for nothing. */
    @Test
    void a_record_that_has_expired_is_replaced_whether_or_not_it_is_deleted() {
        IdempotencyStore store = new IdempotencyStore(TestDatabase.postgresql());
        store.begin("red", "k", "hash", "first", 0, 1_000);
        store.complete(
                "red",
                "k",
                "first",
                new StoredResponse(200, Optional.of("text/plain"), "done", false),
                OptionalLong.empty());

        Lookup before = store.begin("red", "k", "hash", "second", 999, 2_000);
        Lookup at = store.begin("red", "k", "other", "third", 1_000, 2_000);
        Lookup after = store.begin("red", "k", "other", "fourth", 1_001, 3_000);

        assertThat(before)
                .isEqualTo(new Lookup.Completed(new StoredResponse(200, Optional.of("text/plain"), "done", false)));
        assertThat(at).isEqualTo(new Lookup.New());
        assertThat(after).isEqualTo(new Lookup.InProgress("third", 2_000));
    }

    @Test
    void what_is_begun_in_a_transaction_that_is_rolled_back_was_not_begun() {
        Database database = TestDatabase.postgresql();
        IdempotencyStore store = new IdempotencyStore(database);

        assertThatThrownBy(() -> database.inTransaction(connection -> {
                    store.begin(connection, "red", "k", "hash", "first", 0, 1_000);
                    throw new IllegalArgumentException("refused");
                }))
                .hasMessage("refused");

        assertThat(store.begin("red", "k", "hash", "second", 0, 1_000)).isEqualTo(new Lookup.New());
    }

    /** Runs something each time before rows are read. */
    private static DataSource looking(DataSource source, Runnable before) {
        return proxy(DataSource.class, source, before);
    }

    private static <T> T proxy(Class<T> type, T real, Runnable before) {
        return type.cast(Proxy.newProxyInstance(
                IdempotencyStoreTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (arguments != null
                            && arguments[0] instanceof String sql
                            && sql.startsWith("SELECT request_hash")) {
                        before.run();
                    }
                    try {
                        Object result = method.invoke(real, arguments);
                        return result instanceof Connection connection
                                ? proxy(Connection.class, connection, before)
                                : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
