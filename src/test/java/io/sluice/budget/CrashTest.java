package io.sluice.budget;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.budget.window.CrashRules;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** No vendor refuses a call, whenever a process crashes; and no condition of that can be left out. */
class CrashTest {
    private static final int SEEDS = 400;
    /** So many histories are tried until one shows what is wrong, first the one that did so when it was last looked for. */
    private static final int TRIES = 4_000;

    @Test
    void no_vendor_refuses_a_call_at_whatever_moment_the_process_crashes() {
        long accepted = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            accepted += right(seed);
        }
        assertThat(accepted).as("calls of all histories").isGreaterThan(10L * SEEDS);
    }

    @Tag("proof")
    @Test
    void no_vendor_refuses_a_call_however_often_one_tries() {
        for (long seed = SEEDS; seed < 40_000; seed++) {
            right(seed);
        }
    }

    private static long right(long seed) {
        CrashHistory any = new CrashHistory(seed, new CrashRules(), false).play();
        CrashHistory unusedBursts = new CrashHistory(seed, new CrashRules(), true).play();
        assertThat(any.refused).as("refused, seed %d", seed).isNull();
        assertThat(unusedBursts.refused).as("refused, seed %d", seed).isNull();
        return any.accepted + unusedBursts.accepted;
    }

    static Stream<Arguments> wrongRules() {
        return Stream.of(
                Arguments.of("the reserve is not counted", 11, new CrashRules() {
                    @Override
                    public long unsettled(long open, long reserved) {
                        return open;
                    }
                }),
                Arguments.of("open calls are forgotten", 30, new CrashRules() {
                    @Override
                    public long unsettled(long open, long reserved) {
                        return reserved;
                    }
                }),
                Arguments.of("both count as of the saving", 26, new CrashRules() {
                    @Override
                    public long unsettledAt(long savedAt, long lockedAt) {
                        return savedAt;
                    }
                }),
                Arguments.of("calls are granted before the first saving", 162, new CrashRules() {
                    @Override
                    public long leftAtStart(long atRest) {
                        return atRest;
                    }
                }),
                Arguments.of("the saving under way is not looked at", 1505, new CrashRules() {
                    @Override
                    public boolean allows(long permits, long left, long leftOfNext) {
                        return permits <= left;
                    }
                }),
                Arguments.of("the saving before the one under way is not looked at", 15, new CrashRules() {
                    @Override
                    public boolean allows(long permits, long left, long leftOfNext) {
                        return permits <= (leftOfNext < Integer.MAX_VALUE ? leftOfNext : left);
                    }
                }),
                Arguments.of("a dear call goes as long as anything is left", 37, new CrashRules() {
                    @Override
                    public boolean allows(long permits, long left, long leftOfNext) {
                        return left > 0 && leftOfNext > 0;
                    }
                }),
                Arguments.of("a store that is away counts as written", 24, new CrashRules() {
                    @Override
                    public long leftAfter(boolean written, long left, long leftOfNext) {
                        return leftOfNext;
                    }
                }),
                Arguments.of("a write that failed has surely left nothing", 843, new CrashRules() {
                    @Override
                    public long leftAfter(boolean written, long left, long leftOfNext) {
                        return written ? leftOfNext : left;
                    }
                }),
                Arguments.of("a lost saving counts as never used", 1, new CrashRules() {
                    @Override
                    public int usedIfLost(int permits) {
                        return 0;
                    }
                }),
                Arguments.of("what no saving holds reserves nothing", 900, new CrashRules() {
                    @Override
                    public long reservedUnseen(long atRest) {
                        return 0;
                    }
                }));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongRules")
    void a_wrong_rule_is_found_out(String what, long first, CrashRules wrong) {
        for (long tried = 0; tried < TRIES; tried++) {
            long seed = (first + tried) % TRIES;
            if (new CrashHistory(seed, wrong, false).play().refused != null
                    || new CrashHistory(seed, wrong, true).play().refused != null) {
                return;
            }
        }
        throw new AssertionError("no history of seeds below " + TRIES + " shows that this is wrong: " + what);
    }
}
