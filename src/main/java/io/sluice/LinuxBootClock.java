package io.sluice;

import io.sluice.budget.BootClock;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The time since the machine started, read from Linux's files: {@code /proc/uptime} is CLOCK_BOOTTIME in hundredths of
 * a second, which goes on while the machine is suspended, and {@code boot_id} is drawn at random at each start. The JDK
 * has no such clock: {@link System#nanoTime} promises nothing from one process to the next. On other systems there are
 * no such files, and readings are empty.
 */
final class LinuxBootClock implements BootClock {
    private static final long HUNDREDTH = 10_000_000;

    private final Path uptime;
    /** The id of this run of the machine; empty on other systems. It does not change while the process lives. */
    private final Optional<String> boot;

    /** @param proc the folder of Linux's process files, {@code /proc} */
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
