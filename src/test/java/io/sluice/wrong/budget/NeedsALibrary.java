package io.sluice.wrong.budget;

import jakarta.inject.Provider;
import java.sql.Connection;

/** A budget must not need injection or JDBC. */
public interface NeedsALibrary {
    Provider<Connection> connection();
}
