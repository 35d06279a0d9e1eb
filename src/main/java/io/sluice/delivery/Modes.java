package io.sluice.delivery;

import io.sluice.AccountId;
import io.sluice.operator.Attribution;
import io.sluice.operator.OperatorSetting;
import io.sluice.operator.OperatorSettings;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * The modes of the accounts whose deliveries are paused or drained: a view of operators' settings, which outlive a
 * restart and are the same in every process. Thread-safe.
 */
final class Modes {
    private static final String SETTING = "deliveries";

    private final OperatorSettings settings;

    Modes(OperatorSettings settings) {
        this.settings = settings;
    }

    /** The mode of the destination's account, as of the last poll. Never waits. */
    Mode of(Destination destination) {
        return of(destination.account());
    }

    /** The mode of an account, as of the last poll. Never waits. */
    Mode of(AccountId account) {
        return setting(account).map(Modes::mode).orElse(Mode.RUNNING);
    }

    /** The author of a mode that is not {@link Mode#RUNNING}. Never waits. */
    Optional<Attribution> attribution(Destination destination) {
        return setting(destination.account()).map(OperatorSetting::attribution);
    }

    /**
     * True if the destination's account may be delivered to; false before the settings have been read once. Never
     * waits.
     */
    boolean isDelivering(Destination destination) {
        return settings.isRead() && of(destination) != Mode.PAUSED;
    }

    /**
     * Sets the mode of an account, durably; waits for the store. Nothing is delivered while that is away, so a pause
     * that is refused then holds nothing up that goes on.
     */
    void set(AccountId account, Mode mode, Attribution attribution) {
        OperatorSetting.Key key = new OperatorSetting.Key(account, SETTING);
        if (mode == Mode.RUNNING) {
            settings.removeDurably(key);
        } else {
            settings.putDurably(new OperatorSetting(key, mode.name().toLowerCase(Locale.ROOT), attribution));
        }
    }

    private Optional<OperatorSetting> setting(AccountId account) {
        return settings.get(new OperatorSetting.Key(account, SETTING));
    }

    /**
     * The mode of a setting. One of a newer version counts as paused: an admin has changed how this account is delivered
     * to, and the others are delivered to as usual.
     */
    private static Mode mode(OperatorSetting setting) {
        return Arrays.stream(Mode.values())
                .filter(mode -> mode.name().equalsIgnoreCase(setting.value()))
                .findFirst()
                .orElse(Mode.PAUSED);
    }
}
