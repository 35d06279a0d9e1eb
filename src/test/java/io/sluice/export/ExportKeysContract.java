package io.sluice.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.AccountId;
import io.sluice.export.ExportRequests.CreateResult;
import io.sluice.export.job.Export;
import io.sluice.idempotency.IdempotencyStore;
import io.sluice.store.Sql;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of idempotency keys of exports, and of the limit of open jobs, on any database. */
abstract class ExportKeysContract extends ExportStoreFixture {
    @Test
    void a_key_has_the_first_answer_repeated_and_places_nothing() {
        CreateResult first = keyed("team", "key", "hash", "first answer", "a");
        CreateResult second = keyed("team", "key", "hash", "second answer", "a");

        assertThat(first).isInstanceOf(CreateResult.Created.class);
        assertThat(second).isEqualTo(new CreateResult.Replayed("first answer"));
        assertThat(list(null, null, null, null)).hasSize(1);
    }

    @Test
    void a_key_of_another_order_is_refused() {
        keyed("team", "key", "hash", "answer", "a");

        assertThat(keyed("team", "key", "other hash", "answer", "b")).isEqualTo(new CreateResult.KeyReused());
    }

    @Test
    void teams_share_no_keys_and_keys_hold_for_a_time() {
        keyed("team", "key", "hash", "answer", "a");

        CreateResult others = keyed("other", "key", "other hash", "answer", "a");
        clock.pass(DAY.plusMillis(1));
        CreateResult again = keyed("team", "key", "other hash", "answer", "a");

        assertThat(others).isInstanceOf(CreateResult.Created.class);
        assertThat(again).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_an_earlier_version_kept_with_the_export_is_replayed_for_its_day() {
        Export first = submit("team", "a");
        database.inTransaction(connection -> new Sql("UPDATE export SET idempotency_key = 'key', request_hash = 'hash',"
                        + " first_answer = 'first answer' WHERE id = ?")
                .with(first.id())
                .update(connection));
        clock.pass(DAY);

        CreateResult repeated = keyed("team", "key", "hash", "answer", "a");
        CreateResult different = keyed("team", "key", "other hash", "answer", "a");
        CreateResult others = keyed("other", "key", "hash", "answer", "a");
        clock.pass(Duration.ofMillis(1));
        CreateResult later = keyed("team", "key", "hash", "answer", "a");

        assertThat(repeated).isEqualTo(new CreateResult.Replayed("first answer"));
        assertThat(different).isEqualTo(new CreateResult.KeyReused());
        assertThat(others).isInstanceOf(CreateResult.Created.class);
        assertThat(later).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_a_call_on_a_mount_used_is_another_one() {
        long now = clock.instant().toEpochMilli();
        new IdempotencyStore(database).begin("team", "key", "hash", "call", now, now + DAY.toMillis());

        assertThat(keyed("team", "key", "hash", "answer", "a")).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_whose_request_was_refused_is_as_if_it_had_not_been_used() {
        ExportRequests.Key key = new ExportRequests.Key("key", "hash", DAY);
        ExportRequests.ResolvedRequest usual = request("team", 1, ACCOUNT, List.of("a"), null);
        ExportRequests.ResolvedRequest tooMany = new ExportRequests.ResolvedRequest(
                ACCOUNT,
                "team",
                1,
                1,
                List.of(part("a")),
                clock.instant(),
                null,
                clock.instant().plus(DAY),
                0);

        CreateResult refused = requests.create(tooMany, key, export -> "answer");
        CreateResult accepted = requests.create(usual, key, export -> "answer");

        assertThat(refused).isEqualTo(new CreateResult.TooManyOpen(0));
        assertThat(accepted).isInstanceOf(CreateResult.Created.class);
    }

    @Test
    void a_key_that_is_used_by_many_at_once_places_one_order() throws Exception {
        List<Class<?>> created = together(
                6, thread -> List.of(keyed("team", "key", "hash", "answer", "a").getClass()));

        assertThat(created.stream().filter(CreateResult.Created.class::equals)).hasSize(1);
        assertThat(created.stream().filter(CreateResult.Replayed.class::equals)).hasSize(5);
    }

    @Test
    void a_key_that_is_used_on_several_accounts_at_once_places_one_order() throws Exception {
        List<Class<?>> created = together(
                6,
                thread -> List.of(requests.create(
                                request("team", 1, new AccountId(VENDOR, "account-" + thread), List.of("a"), null),
                                new ExportRequests.Key("key", "hash", DAY),
                                export -> "answer")
                        .getClass()));

        assertThat(created.stream().filter(CreateResult.Created.class::equals)).hasSize(1);
        assertThat(created.stream().filter(CreateResult.Replayed.class::equals)).hasSize(5);
    }

    @Test
    void a_team_with_too_much_under_way_places_nothing() {
        submit("team", parts(8));

        CreateResult created = requests.create(
                new ExportRequests.ResolvedRequest(
                        ACCOUNT,
                        "team",
                        1,
                        1,
                        List.of(part("x"), part("y"), part("z")),
                        clock.instant(),
                        null,
                        clock.instant().plus(DAY),
                        10),
                null,
                export -> "");

        assertThat(created).isEqualTo(new CreateResult.TooManyOpen(8));
        assertThat(list(null, null, null, null)).hasSize(1);
    }
}
