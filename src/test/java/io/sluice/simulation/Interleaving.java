package io.sluice.simulation;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Virtual threads that all run on the thread of a test, one at a time, and in an order that a seed decides: code that
 * blocks is played on virtual time as it is, the same way for the same seed. Whenever all of them wait, time goes on.
 */
public final class Interleaving implements Executor {
    private final VirtualTime time;
    private final SplittableRandom random;
    private final List<Runnable> ready = new ArrayList<>(); // guarded by itself
    private final Thread.Builder.OfVirtual threads;
    private @Nullable Throwable failure;

    public Interleaving(VirtualTime time, SplittableRandom random) {
        this.time = time;
        this.random = random;
        this.threads = threadsOn(this::ready).uncaughtExceptionHandler((thread, thrown) -> {
            if (failure == null) {
                failure = thrown;
            }
        });
    }

    /** The JDK keeps to itself who runs virtual threads; the build opens that package to the tests. */
    private static Thread.Builder.OfVirtual threadsOn(Executor executor) {
        try {
            Constructor<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                    .getDeclaredConstructor(Executor.class);
            builder.setAccessible(true);
            return (Thread.Builder.OfVirtual) builder.newInstance(executor);
        } catch (ReflectiveOperationException changed) {
            throw new LinkageError("this JDK builds virtual threads in another way", changed);
        }
    }

    private void ready(Runnable task) {
        synchronized (ready) {
            ready.add(task);
        }
    }

    /** Starts a thread; it runs once time goes on. */
    @Override
    public void execute(Runnable task) {
        threads.start(task);
    }

    /** Has the calling thread wait while {@code nanos} of virtual time pass. */
    public void sleep(long nanos) {
        CompletableFuture<Boolean> over = new CompletableFuture<>();
        time.after(nanos, () -> over.complete(true));
        over.join();
    }

    /** Goes on until {@code end}, in nanoseconds; throws what a thread has thrown. */
    public void runUntil(long end) {
        do {
            settle();
        } while (time.runNextUntil(end));
        time.runUntil(end);
        settle();
    }

    /** Goes on until nothing more is to come. */
    public void runOut() {
        do {
            settle();
        } while (time.runNext());
    }

    private void settle() {
        for (Runnable next = take(); next != null; next = take()) {
            next.run();
            if (failure != null) {
                throw new AssertionError(failure);
            }
        }
    }

    private @Nullable Runnable take() {
        synchronized (ready) {
            return ready.isEmpty() ? null : ready.remove(random.nextInt(ready.size()));
        }
    }
}
