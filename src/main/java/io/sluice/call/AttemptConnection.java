package io.sluice.call;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.sluice.budget.Timer;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpClientConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one attempt, which can be reset at any moment, also before it is established.
 *
 * <p>A connection that is merely closed still sends the vendor what is in its buffers, and a write whose response no
 * caller waits for any longer would be carried out after all. So it is <em>reset</em>: closed without lingering,
 * bypassing TLS and whatever else would first say goodbye to a vendor that does not respond. Bytes that the vendor's
 * machine has received already are not affected. Over HTTP/2 other calls share the connection: there the stream is
 * reset, and the connection only if the vendor does not confirm soon that it has processed the reset.
 *
 * <p>The REST client exposes its request only once the connection is established. So the attempt is stored in the
 * Vert.x context that the request is made on, where {@link ConnectionListener} finds it. Thread-safe.
 */
final class AttemptConnection implements Exchange {
    /** How long a vendor may take to confirm the end of a stream; together with the reset well below a second. */
    static final Duration CONFIRMATION = Duration.ofMillis(500);

    /** HTTP/2's CANCEL: the stream is no longer needed. */
    private static final long CANCEL = 8;

    private static final Object KEY = AttemptConnection.class;
    private static final CompletionStage<Void> NOTHING_SENT = CompletableFuture.completedStage(null);

    private final Timer timer;

    private @Nullable HttpClientRequest request; // guarded by this
    private @Nullable CompletionStage<Void> gone; // guarded by this

    AttemptConnection(Timer timer) {
        this.timer = timer;
    }

    /** Assigns the requests that are made on that context to this attempt. */
    void travelOn(Context context) {
        context.putLocal(KEY, this);
    }

    /** Returns the attempt that is stored in the thread's Vert.x context. */
    static AttemptConnection current() {
        Context context = Vertx.currentContext();
        AttemptConnection current = context == null ? null : context.<AttemptConnection>getLocal(KEY);
        if (current == null) {
            throw new IllegalStateException("a request to a vendor is made outside of an attempt");
        }
        return current;
    }

    /** Assigns the request, over an established connection, before anything is sent on it. */
    synchronized void connected(HttpClientRequest made) {
        if (gone == null) {
            request = made;
        } else {
            gone = abort(made);
        }
    }

    @Override
    public synchronized boolean begun() {
        return request != null;
    }

    @Override
    public synchronized CompletionStage<Void> reset() {
        CompletionStage<Void> ending = gone;
        if (ending == null) {
            ending = request == null ? NOTHING_SENT : abort(request);
            gone = ending;
        }
        return ending;
    }

    private CompletionStage<Void> abort(HttpClientRequest http) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        Channel channel = ((HttpClientConnection) http.connection()).channel();
        if (http.version() == HttpVersion.HTTP_2) {
            http.reset(CANCEL);
            // Frames keep their order: the peer that answers the ping has read that the stream ended.
            http.connection().ping(Buffer.buffer(Long.BYTES).appendLong(CANCEL)).onSuccess(_ -> over.complete(null));
            Timer.Alarm silence = timer.schedule(() -> closeAtOnce(channel, over), CONFIRMATION);
            CompletableFuture<Void> _ = over.whenComplete((_, _) -> silence.cancel());
        } else {
            closeAtOnce(channel, over);
        }
        return over;
    }

    private static void closeAtOnce(Channel channel, CompletableFuture<Void> over) {
        channel.closeFuture().addListener(_ -> over.complete(null));
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            // At once, so that a request that is about to be sent finds it closed.
            closeWithoutLingering(channel);
            return;
        }
        try {
            loop.execute(() -> closeWithoutLingering(channel));
        } catch (RejectedExecutionException stopping) {
            // The process ends, and its connections with it.
            over.complete(null);
        }
    }

    private static void closeWithoutLingering(Channel channel) {
        try {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
        } catch (ChannelException ended) {
            // The vendor has reset it already, so there is nothing left to reset.
        }
        // From the first handler on, the close goes straight to the socket. From the last, TLS would send its close
        // message first, and wait seconds for a vendor that reads nothing.
        ChannelHandlerContext first = channel.pipeline().firstContext();
        ChannelFuture _ = first == null ? channel.close() : first.close();
    }
}
