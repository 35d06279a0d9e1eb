package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.gateway.IdempotencyStore.Lookup;
import io.sluice.store.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
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
