package io.sluice.wrong.sandbox;

import io.netty.buffer.ByteBuf;
import io.sluice.budget.Ticker;
import io.vertx.core.buffer.Buffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

class KeepsInStatics {
    static final Random DICE = new Random(1);
    static final InstantSource CLOCK = InstantSource.fixed(java.time.Instant.EPOCH);
    static final Ticker TICKER = () -> 0;
    static final Map<String, Thread> THREADS = new ConcurrentHashMap<>();
    static final ExecutorService POOL = Executors.newVirtualThreadPerTaskExecutor();
    static final List<ByteBuf> BUFFERS = new ArrayList<>();
    static final Map<String, List<Body>> BODIES = new ConcurrentHashMap<>();
    static final IntSupplier HIDDEN = new Roller(RandomGenerator.getDefault());
    static final Map<String, Integer> NUMBERS = new ConcurrentHashMap<>();

    record Body(Buffer bytes) {
        static final Body NONE = new Body(Buffer.buffer());
    }

    record Roller(RandomGenerator dice) implements IntSupplier {
        @Override
        public int getAsInt() {
            return dice.nextInt();
        }
    }
}
