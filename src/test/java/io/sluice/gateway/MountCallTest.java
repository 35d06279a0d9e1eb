package io.sluice.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.call.Body;
import io.sluice.call.Call;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The calls of mounts, which are made when they are needed. */
class MountCallTest extends IdempotencyCalls {
    private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
    private final MountCall incoming =
            incoming(TRACK, new Body.Streaming(InputStream.nullInputStream(), -1), Map.of(), disconnected);

    @Test
    void a_call_is_made_when_it_is_needed_first_and_only_once() {
        assertThat(incoming.made()).as("before a step needs it").isEmpty();

        Call call = incoming.call();

        assertThat(incoming.call()).isSameAs(call);
        assertThat(incoming.made()).containsSame(call);
        assertThat(call.request()).isSameAs(incoming.request());
    }

    @Test
    void a_call_is_abandoned_when_its_caller_leaves() {
        Call call = incoming.call();
        boolean before = call.cancellation().isAbandoned();

        disconnected.complete(null);

        assertThat(before).isFalse();
        assertThat(call.cancellation().isAbandoned()).isTrue();
    }

    @Test
    void a_call_that_is_made_after_its_caller_has_left_is_abandoned_from_the_beginning() {
        disconnected.complete(null);

        assertThat(incoming.call().cancellation().isAbandoned()).isTrue();
    }

    @Test
    void a_call_that_others_wait_for_is_not_abandoned_with_one_caller() {
        Call shared = new Call(incoming.request());
        MountCall same = incoming.with(shared);

        disconnected.complete(null);

        assertThat(same.call()).isSameAs(shared);
        assertThat(shared.cancellation().isAbandoned()).isFalse();
        assertThat(incoming.made()).as("the caller's own").isEmpty();
    }
}
