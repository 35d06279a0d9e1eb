package io.sluice;

import io.sluice.budget.BootClock;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The time since the machine started as Linux tells it in files: {@code /proc/uptime} is CLOCK_BOOTTIME in hundredths of
 * a second, which goes on while the machine is suspended, and {@code boot_id} is drawn at random at each start. There is
 * no such clock in the JDK: {@link System#nanoTime} promises nothing from one process to the next. Elsewhere there is
 * none.
 */
final class LinuxBootClock implements BootClock {
    private static final long HUNDREDTH = 10_000_000;

    private final Path uptime;
    /** Empty where there is none; it does not change while the process lives. */
    private final Optional<String> boot;

    /** @param proc where Linux keeps such files */
    LinuxBootClock(Path proc) {
        uptime = proc.resolve("uptime");
        boot = firstWord(proc.resolve("sys/kernel/random/boot_id"));
    }

    @Override
    public Optional<Reading> read() {
        return boot.flatMap(name ->
                firstWord(uptime).flatMap(LinuxBootClock::nanos).map(nanos -> new Reading(name, nanos, HUNDREDTH)));
    }

    private static Optional<Long> nanos(String seconds) {
        try {
            return Optional.of(new BigDecimal(seconds).movePointRight(9).longValue());
        } catch (NumberFormatException notLinux) {
            return Optional.empty();
        }
    }

    private static Optional<String> firstWord(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? Optional.empty() : Optional.of(text.split("\\s", 2)[0]);
        } catch (IOException notLinux) {
            return Optional.empty();
        }
    }
}
