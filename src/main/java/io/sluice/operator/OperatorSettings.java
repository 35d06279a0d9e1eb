package io.sluice.operator;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.sluice.AccountId;
import io.sluice.FailureLog;
import io.sluice.PeriodicTask;
import io.sluice.budget.Timer;
import io.sluice.operator.SettingStore.Change;
import io.sluice.store.Database;
import io.sluice.store.Retention;
import io.sluice.store.StoreUnavailableException;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The settings that operators have made at run time, as of the last poll of the database. A change by another process,
 * and the end of a setting's time, are seen at the next poll. Thread-safe.
 *
 * <p>The settings in force are those of the database, overlaid with changes of this process that could not be stored
 * yet. Such a change is kept and stored by the first poll that reaches the database; one that another process has
 * stored meanwhile, later than it, wins.
 */
@Singleton
public class OperatorSettings {
    private static final Logger LOG = Logger.getLogger(OperatorSettings.class);
    private static final String POLL = "poll of operators' settings";

    private final FailureLog failures = new FailureLog(LOG);
    private final Database database;
    private final SettingStore store;
    private final InstantSource clock;
    private final PeriodicTask polls;
    private final Duration pollInterval;

    /** Held while the database is used, so that no result replaces a later one. */
    private final ReentrantLock syncing = new ReentrantLock();

    private final List<Consumer<Map<OperatorSetting.Key, OperatorSetting>>> listeners =
            new ArrayList<>(); // guarded by this
    private final Map<OperatorSetting.Key, Change> unsaved = new HashMap<>(); // guarded by this
    private Map<OperatorSetting.Key, OperatorSetting> stored = Map.of(); // guarded by this
    private volatile Map<OperatorSetting.Key, OperatorSetting> inForce = Map.of(); // written with the lock of this
    private volatile boolean read;

    @Inject
    OperatorSettings(Database database, InstantSource clock, Timer timer, OperatorConfig config) {
        this(
                database,
                clock,
                timer,
                Executors.newThreadPerTaskExecutor(
                        Thread.ofVirtual().name("operator-settings-", 0).factory()),
                config.pollInterval());
    }

    /** @param threads run the polls */
    public OperatorSettings(
            Database database, InstantSource clock, Timer timer, Executor threads, Duration pollInterval) {
        this.database = database;
        this.store = new SettingStore(database);
        this.clock = clock;
        this.pollInterval = pollInterval;
        this.polls = new PeriodicTask(pollInterval, timer, threads, this::poll);
    }

    /**
     * Reads the settings and begins to poll. A file is read before this returns, so that no call passes a pause; a
     * server may be away, which must not keep the gateway from passing calls on.
     */
    void start(@Observes @Priority(2) StartupEvent starting) {
        start();
    }

    /** The same, without a container. */
    public void start() {
        if (database.dialect().sharedByProcesses()) {
            polls.start(Duration.ZERO);
        } else {
            poll();
            polls.start(pollInterval);
        }
    }

    void stop(@Observes ShutdownEvent stopping) {
        polls.stop();
    }

    /** The retention of settings that end by themselves. */
    @Produces
    @Singleton
    Retention retention() {
        return Retention.byRow(database, "operator_setting", "vendor, account, setting");
    }

    /** Returns true once the settings have been read. Never waits. */
    public boolean isRead() {
        return read;
    }

    /** Returns the setting that is in force; empty if the configuration is. Never waits. */
    public Optional<OperatorSetting> get(OperatorSetting.Key key) {
        return Optional.ofNullable(inForce.get(key));
    }

    /** Returns false while a change of the account is in force in this process only. Never waits. */
    public synchronized boolean isDurable(AccountId account) {
        return unsaved.keySet().stream().noneMatch(key -> key.account().equals(account));
    }

    /**
     * Adds a listener, which receives the settings that are in force: now, and whenever they have changed. It is called
     * with a lock held, and must neither wait nor change settings.
     */
    public synchronized void listen(Consumer<Map<OperatorSetting.Key, OperatorSetting>> listener) {
        listeners.add(listener);
        listener.accept(inForce);
    }

    /**
     * Makes a setting, which is in force in this process at once, before the database is waited for.
     *
     * @return true if it is stored; false if the database is away, and it is stored as soon as that answers
     */
    public boolean put(OperatorSetting setting) {
        return change(new Change(setting.key(), setting, at(setting), false));
    }

    /** Removes a setting, if it is there, as {@link #put} makes one. */
    public boolean remove(OperatorSetting.Key key) {
        return change(new Change(key, null, clock.instant(), false));
    }

    /**
     * Makes a setting once it is durable. Waits for the database.
     *
     * @throws StoreUnavailableException if the database is away; the setting may be stored all the same
     */
    public void putDurably(OperatorSetting setting) {
        sync(new Change(setting.key(), setting, at(setting), false));
    }

    /** Removes a setting, if it is there, as {@link #putDurably} makes one. */
    public void removeDurably(OperatorSetting.Key key) {
        sync(new Change(key, null, clock.instant(), false));
    }

    /**
     * Stores what is not stored yet, and reads the settings. Waits for the database.
     *
     * @throws StoreUnavailableException if the database is away
     */
    public void refresh() {
        sync(null);
    }

    private Instant at(OperatorSetting setting) {
        Instant at = setting.attribution().at();
        return at == null ? clock.instant() : at;
    }

    private boolean change(Change change) {
        synchronized (this) {
            unsaved.put(change.key(), change);
            update();
        }
        try {
            // A database that is known to be away would keep the operator waiting for its time-outs: the polls ask it.
            if (database.isAvailable()) {
                refresh();
            }
        } catch (StoreUnavailableException e) {
            LOG.debugf("an operator's setting could not be stored: %s", e.getMessage());
        } catch (RuntimeException e) {
            withdraw(change);
            throw e;
        }
        return !staysUnsaved(change);
    }

    /** Undoes a change that the database refuses, which would keep all others from being stored. */
    private synchronized void withdraw(Change change) {
        unsaved.remove(change.key(), change);
        update();
    }

    /** Returns true if a change is not stored, which makes it a late one. */
    private synchronized boolean staysUnsaved(Change change) {
        return unsaved.replace(change.key(), change, change.whenLate());
    }

    /** Stores what is not stored yet and one more change, and takes over what is stored then. */
    private void sync(@Nullable Change more) {
        syncing.lock();
        try {
            List<Change> changes;
            synchronized (this) {
                changes = new ArrayList<>(unsaved.values());
            }
            if (more != null) {
                changes.add(more);
            }
            List<OperatorSetting> settings = store.sync(changes);
            synchronized (this) {
                changes.forEach(change -> unsaved.computeIfPresent(
                        change.key(), (key, present) -> present.isSame(change) ? null : present));
                Map<OperatorSetting.Key, OperatorSetting> all = new HashMap<>();
                settings.forEach(setting -> all.put(setting.key(), setting));
                stored = all;
                read = true;
                update();
            }
        } finally {
            syncing.unlock();
        }
    }

    private boolean poll() {
        try {
            refresh();
            failures.succeeded(POLL);
        } catch (StoreUnavailableException e) {
            LOG.debugf("%s failed: %s", POLL, e.getMessage());
            update();
        } catch (RuntimeException e) {
            failures.failed(POLL, () -> String.valueOf(e.getMessage()), e);
            update();
        }
        return true;
    }

    /** Determines the settings in force, some of which may have come to their end, and reports them if they changed. */
    private synchronized void update() {
        Instant now = clock.instant();
        Map<OperatorSetting.Key, OperatorSetting> next = new HashMap<>(stored);
        for (Change change : unsaved.values()) {
            if (change.setting() == null) {
                next.remove(change.key());
            } else {
                next.put(change.key(), change.setting());
            }
        }
        next.values().removeIf(setting -> setting.isOver(now));
        Map<OperatorSetting.Key, OperatorSetting> before = inForce;
        if (!next.equals(before)) {
            Map<OperatorSetting.Key, OperatorSetting> after = Map.copyOf(next);
            inForce = after;
            log(before, after);
            listeners.forEach(listener -> listener.accept(after));
        }
    }

    /** Logs the differences. Reasons, an operator's own text, are in the log of admins' actions only. */
    private static void log(
            Map<OperatorSetting.Key, OperatorSetting> before, Map<OperatorSetting.Key, OperatorSetting> after) {
        after.forEach((key, setting) -> {
            if (!setting.equals(before.get(key))) {
                LOG.infof(
                        "operator setting in force: vendor=%s account=%s setting=%s value=%s team=%s since=%s until=%s",
                        key.account().vendor(),
                        key.account().account(),
                        key.setting(),
                        setting.value(),
                        setting.attribution().by(),
                        setting.attribution().at(),
                        setting.attribution().until());
            }
        });
        before.keySet().stream()
                .filter(key -> !after.containsKey(key))
                .forEach(key -> LOG.infof(
                        "operator setting ended: vendor=%s account=%s setting=%s",
                        key.account().vendor(), key.account().account(), key.setting()));
    }
}
