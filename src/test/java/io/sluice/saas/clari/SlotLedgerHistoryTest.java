package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.saas.clari.AdminLimits.LimitsReport;
import io.sluice.saas.clari.SlotLedger.MountSubmissionSlot;
import io.sluice.simulation.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of a ledger, each compared after every event with a reference that keeps no state: it reads what is
 * taken from the log of all events.
 */
class SlotLedgerHistoryTest {
    private static final Duration EXPIRY = Duration.ofMinutes(1);
    private static final int EVENTS = 80;
    private static final int SLOTS = 6;

    private enum Kind {
        BEGIN,
        ANSWERED,
        JOB,
        CLOSE,
        OWN_ANSWERED,
        OWN_COUNTED,
        POLL,
        REPORT,
        REFUSAL,
        STORED,
        LEARNED
    }

    /**
     * An event.
     *
     * @param at when it happened, in nanoseconds
     * @param number what was reported or stored; for the events of a submission, its number
     */
    private record Event(Kind kind, long at, int number) {}

    static IntStream seeds() {
        return IntStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void what_is_taken_follows_from_the_log_of_all_events(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        VirtualTime time = new VirtualTime();
        int[] taken = new int[1];
        SlotLedger ledger = new SlotLedger(time, EXPIRY, new SlotLedger.Listener() {
            @Override
            public void slotsTaken(int count, int foreign) {
                taken[0] = count;
            }

            @Override
            public void slotsAllowed(int slots) {
                assertThat(slots).isEqualTo(SLOTS);
            }
        });
        List<MountSubmissionSlot> submissions = new ArrayList<>();
        List<Integer> open = new ArrayList<>();
        List<Event> log = new ArrayList<>();

        for (int event = 0; event < EVENTS; event++) {
            time.pass(Duration.ofSeconds(random.nextInt(12)));
            assertThat(taken[0])
                    .as("seed %d, later than %s", seed, log)
                    .isEqualTo(new Reference(log, time.read()).taken());

            Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
            int number = random.nextInt(SLOTS + 1);
            if (kind == Kind.BEGIN) {
                number = submissions.size();
            } else if (kind == Kind.ANSWERED || kind == Kind.JOB || kind == Kind.CLOSE) {
                if (open.isEmpty()) {
                    continue;
                }
                number = open.get(random.nextInt(open.size()));
            }
            switch (kind) {
                case BEGIN -> {
                    open.add(number);
                    submissions.add(ledger.beginMountSubmission());
                }
                case ANSWERED -> submissions.get(number).answered();
                case JOB -> submissions.get(number).jobStarted("team");
                case CLOSE -> {
                    submissions.get(number).close();
                    open.remove(Integer.valueOf(number));
                }
                case OWN_ANSWERED -> ledger.ownSubmissionAnswered();
                case OWN_COUNTED -> ledger.submissionCounted();
                case POLL -> ledger.pollStarted();
                case REPORT -> ledger.recordReport(new LimitsReport(SLOTS, number, Set.of(), 1_000, 900));
                case REFUSAL -> ledger.recordNoFreeSlot("team", new LimitsReport(SLOTS, number, Set.of(), 1_000, 900));
                case STORED -> ledger.updateStored(SLOTS, number, 0, false);
                case LEARNED -> ledger.updateStored(SLOTS, number, 0, true);
            }
            log.add(new Event(kind, time.read(), number));

            assertThat(taken[0]).as("seed %d, after %s", seed, log).isEqualTo(new Reference(log, time.read()).taken());
        }
    }

    /** What is taken at one moment, by searching the log for what began and has not ended. */
    private record Reference(List<Event> log, long now) {
        int taken() {
            long jobs = count(Kind.JOB, this::jobCounts) + lastStored();
            return (int) (Math.max(jobs, vendorNumber()) + count(Kind.ANSWERED, this::answerCounts) + own());
        }

        private interface Counts {
            boolean at(int event);
        }

        private long count(Kind kind, Counts counts) {
            return IntStream.range(0, log.size())
                    .filter(event -> log.get(event).kind() == kind && counts.at(event))
                    .count();
        }

        private boolean expired(int event) {
            return now - log.get(event).at() >= EXPIRY.toNanos();
        }

        /** The first event of a kind after another; the end of the log if there is none. */
        private int next(Kind kind, int after) {
            return IntStream.range(after + 1, log.size())
                    .filter(event -> log.get(event).kind() == kind)
                    .findFirst()
                    .orElse(log.size());
        }

        private boolean any(Kind kind, int after, int before) {
            return next(kind, after) < before;
        }

        /** A job counts until it expires, or a poll was started since and its report was stored after that. */
        private boolean jobCounts(int job) {
            return !expired(job) && !any(Kind.LEARNED, next(Kind.POLL, job), log.size());
        }

        /** The first answer of a submission counts until it is closed. */
        private boolean answerCounts(int answer) {
            int submission = log.get(answer).number();
            return IntStream.range(0, log.size())
                    .filter(event -> log.get(event).number() == submission)
                    .noneMatch(event -> log.get(event).kind() == Kind.CLOSE
                            || (log.get(event).kind() == Kind.ANSWERED && event < answer));
        }

        private int own() {
            return IntStream.range(0, log.size())
                            .map(event -> log.size() - 1 - event)
                            .mapToObj(event -> log.get(event).kind())
                            .filter(kind -> kind == Kind.OWN_ANSWERED || kind == Kind.OWN_COUNTED)
                            .findFirst()
                            .filter(kind -> kind == Kind.OWN_ANSWERED)
                            .isPresent()
                    ? 1
                    : 0;
        }

        private int lastStored() {
            return log.stream()
                    .filter(event -> event.kind() == Kind.STORED || event.kind() == Kind.LEARNED)
                    .reduce((earlier, later) -> later)
                    .map(Event::number)
                    .orElse(0);
        }

        /** The number of the last report or refusal that was not ignored, unless it has ended. */
        private int vendorNumber() {
            for (int event = log.size() - 1; event >= 0; event--) {
                Kind kind = log.get(event).kind();
                if (kind == Kind.REFUSAL || (kind == Kind.REPORT && !isIgnored(event))) {
                    return hasEnded(event, log.size(), now)
                            ? 0
                            : kind == Kind.REFUSAL ? SLOTS : log.get(event).number();
                }
            }
            return 0;
        }

        private boolean hasEnded(int event, int before, long at) {
            int pollable = log.get(event).kind() == Kind.REFUSAL ? next(Kind.POLL, event) : event;
            return at - log.get(event).at() >= EXPIRY.toNanos() || any(Kind.LEARNED, pollable, before);
        }

        /** A report is ignored after a refusal since which no poll was started, until that expires. */
        private boolean isIgnored(int report) {
            for (int event = report - 1; event >= 0; event--) {
                Kind kind = log.get(event).kind();
                if (kind == Kind.POLL) {
                    return false;
                }
                if (kind == Kind.REFUSAL) {
                    return !hasEnded(event, report, log.get(report).at());
                }
            }
            return false;
        }
    }
}
