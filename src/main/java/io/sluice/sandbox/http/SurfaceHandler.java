package io.sluice.sandbox.http;

import io.sluice.sandbox.limits.Limiter;
import io.sluice.sandbox.limits.Limits;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP handler of one surface: a request travels (half the latency and a random part of the jitter), arrives, is
 * checked against credentials, limits and faults, its body is read, the work is done, and the response travels back
 * (the other half).
 *
 * <p>The limits count a request when it arrives, also when a fault strikes it afterwards. Everything runs on the
 * request's event loop without blocking.
 */
public final class SurfaceHandler implements Handler<RoutingContext> {
    private final Vendor vendor;
    private final Surface surface;
    private final Faults faults;
    private final RequestLog requests;
    private final RandomGenerator random;
    private final SandboxConfig config;
    private final int maxBody;

    public SurfaceHandler(
            Vendor vendor,
            Surface surface,
            Faults faults,
            RequestLog requests,
            RandomGenerator random,
            SandboxConfig config) {
        this.vendor = vendor;
        this.surface = surface;
        this.faults = faults;
        this.requests = requests;
        this.random = random;
        this.config = config;
        this.maxBody = maxBody(config);
    }

    private static int maxBody(SandboxConfig config) {
        long bytes = config.maxBody().asLongValue();
        if (bytes < 1 << 10 || bytes > 1 << 30) {
            throw new IllegalArgumentException("sluice.sandbox.max-body must be from 1K to 1G: " + bytes);
        }
        return (int) bytes;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if (!Call.rawPath(request).startsWith(surface.mount() + "/")) {
            context.next(); // a path that only resembles the mount after normalisation
            return;
        }
        request.pause();
        Call call = Call.of(request, surface.mount());
        Operations.Match match = surface.operations().find(call.method(), call.path());
        Exchange exchange = new Exchange(
                context,
                match.operation(),
                call.with(match.variables()),
                requests.arrived(vendor.name(), match.operation().name(), request));
        long jitter = vendor.settings().number(Settings.JITTER_MS);
        exchange.after(halfLatency() + (jitter == 0 ? 0 : random.nextLong(jitter + 1)), () -> arrive(exchange));
    }

    private long halfLatency() {
        return vendor.settings().number(Settings.LATENCY_MS) / 2;
    }

    private void arrive(Exchange exchange) {
        Verdict verdict = judge(exchange);
        switch (verdict) {
            case Verdict.Refuse refuse -> read(exchange, BodyReader.counting(), () -> send(exchange, refuse.answer()));
            case Verdict.Close close -> exchange.close(close.outcome());
            case Verdict.Hang hang -> exchange.hang(config.maxHang().toMillis());
            case Verdict.Work work ->
                read(
                        exchange,
                        exchange.operation.sink() ? BodyReader.digesting() : BodyReader.keeping(maxBody),
                        () -> exchange.after(work.delayMs(), () -> finish(exchange, work)));
        }
    }

    private Verdict judge(Exchange exchange) {
        Call call = exchange.call;
        Operation operation = exchange.operation;
        if (!operation.open() && !surface.admits(call)) {
            return new Verdict.Refuse(surface.unauthorized());
        }
        List<Limiter.Status> readings;
        switch (vendor.limits().take(uses(operation, call))) {
            case Limits.Decision.Rejected rejected -> {
                return new Verdict.Refuse(surface.tooMany(rejected));
            }
            case Limits.Decision.Accepted accepted -> readings = accepted.readings();
        }
        Map<String, String> headers = surface.limitHeaders(readings);
        String rawPath = surface.mount() + call.path();
        Fault fault = faults.strike(vendor.name(), operation.name(), call.method(), rawPath);
        if (fault == null) {
            return new Verdict.Work(headers, 0, null);
        }
        return switch (fault.kind()) {
            case STATUS -> new Verdict.Refuse(fault.answer());
            case RESET -> new Verdict.Close("reset");
            case HANG -> new Verdict.Hang();
            case SLOW -> new Verdict.Work(headers, fault.delayMs(), fault);
            case LOST_ANSWER, CUT_ANSWER, PARTIAL -> new Verdict.Work(headers, 0, fault);
        };
    }

    private static List<Limits.Use> uses(Operation operation, Call call) {
        List<Limits.Use> uses = new ArrayList<>();
        for (Charge charge : operation.charges()) {
            String key = charge.key().apply(call);
            if (key != null) {
                uses.add(new Limits.Use(charge.limit(), key));
            }
        }
        return uses;
    }

    private void read(Exchange exchange, BodyReader intake, Runnable then) {
        intake.read(exchange.context.request())
                .onSuccess(payload -> exchange.guarded(() -> {
                    exchange.call = exchange.call.with(payload);
                    exchange.entry.read(payload.bytes());
                    then.run();
                }))
                .onFailure(gone -> end(exchange, "caller left"));
    }

    private void finish(Exchange exchange, Verdict.Work work) {
        Fault fault = work.fault();
        if (fault != null && fault.kind() == Fault.Kind.PARTIAL) {
            exchange.call = exchange.call.refusing(fault.partial());
        }
        SandboxResponse answer = answer(exchange.operation, exchange.call);
        if (fault != null && fault.kind() == Fault.Kind.LOST_ANSWER) {
            exchange.close("lost " + answer.status());
        } else if (fault != null && fault.kind() == Fault.Kind.CUT_ANSWER) {
            new Sending(exchange.context.response(), answer.with(work.headers()))
                    .half(() -> exchange.close("cut " + answer.status()));
        } else {
            send(exchange, answer.with(work.headers()));
        }
    }

    private SandboxResponse answer(Operation operation, Call call) {
        if (call.payload().tooLarge() && !operation.sink()) {
            return surface.tooLarge();
        }
        try {
            return vendor.work(operation, call);
        } catch (RefusedException refused) {
            return refused.answer();
        } catch (MalformedCallException malformed) {
            return surface.malformed(malformed.detail());
        } catch (ClassCastException wrongType) {
            return surface.malformed("a field has the wrong type");
        } catch (StoreFullException full) {
            return Problem.answer(507, String.valueOf(full.getMessage()));
        }
    }

    private void send(Exchange exchange, SandboxResponse answer) {
        exchange.after(halfLatency(), () -> {
            end(exchange, Integer.toString(answer.status()));
            new Sending(exchange.context.response(), answer).whole();
        });
    }

    private void end(Exchange exchange, String outcome) {
        exchange.entry.ended(outcome);
        vendor.ended(exchange.operation.name(), outcome);
    }

    /** The verdict on a request once it has arrived. */
    private sealed interface Verdict {
        record Refuse(SandboxResponse answer) implements Verdict {}

        record Close(String outcome) implements Verdict {}

        record Hang() implements Verdict {}

        record Work(
                Map<String, String> headers,
                long delayMs,
                @Nullable Fault fault) implements Verdict {}
    }

    /** One request under way. Used on one event loop. */
    private final class Exchange {
        private final RoutingContext context;
        private final Operation operation;
        private final RequestLog.Entry entry;
        private Call call;

        Exchange(RoutingContext context, Operation operation, Call call, RequestLog.Entry entry) {
            this.context = context;
            this.operation = operation;
            this.call = call;
            this.entry = entry;
        }

        void after(long delayMs, Runnable step) {
            if (delayMs <= 0) {
                guarded(step);
            } else {
                context.vertx().setTimer(delayMs, timer -> guarded(step));
            }
        }

        /** Runs a step; an exception in it fails the request instead of leaving it without a response. */
        void guarded(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException mistake) {
                context.fail(mistake);
            }
        }

        void close(String outcome) {
            end(this, outcome);
            breakOff();
        }

        /** Closes this exchange without a response, but not its neighbours on a shared HTTP/2 connection. */
        private void breakOff() {
            if (context.request().version() == HttpVersion.HTTP_2) {
                context.response().reset();
            } else {
                context.request().connection().close();
            }
        }

        void hang(long mostMs) {
            end(this, "hang");
            HttpServerResponse response = context.response();
            long timer = context.vertx().setTimer(mostMs, late -> breakOff());
            response.closeHandler(gone -> context.vertx().cancelTimer(timer));
        }
    }
}
