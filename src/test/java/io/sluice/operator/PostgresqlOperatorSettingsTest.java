package io.sluice.operator;

import io.sluice.store.Database;
import io.sluice.store.TestDatabase;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.SQLTransientException;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;

class PostgresqlOperatorSettingsTest extends OperatorSettingsContract {
    private final DataSource source = TestDatabase.source();

    @Override
    Database open(BooleanSupplier away) {
        return TestDatabase.postgresql((DataSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (away.getAsBoolean()) {
                        throw new SQLTransientException("it is away");
                    }
                    try {
                        return method.invoke(source, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Override
    DataSource source() {
        return source;
    }

    @Override
    String[] migrations() {
        return new String[] {"db/common", "db/postgresql"};
    }
}
