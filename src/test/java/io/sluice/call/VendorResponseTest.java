package io.sluice.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VendorResponseTest {
    private static final int BEGINNING = 8192;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, BEGINNING - 1, BEGINNING, BEGINNING + 1, 3 * BEGINNING})
    void the_body_stays_whole_when_its_beginning_is_looked_at(int length) throws IOException {
        String text = "0123456789".repeat(length / 10 + 1).substring(0, length);
        VendorResponse answer = answer(stream(text));

        String beginning = answer.beginning();

        assertThat(beginning).isEqualTo(text.substring(0, Math.min(length, BEGINNING)));
        assertThat(new String(answer.body().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10})
    void a_body_of_at_most_so_many_bytes_is_read_whole(int length) throws IOException {
        VendorResponse answer = answer(stream("x".repeat(length)));

        assertThat(answer.readAll(10))
                .hasValueSatisfying(whole -> assertThat(whole.body()).hasSize(length));
    }

    @Test
    void a_larger_body_is_not_read_and_stays_whole() throws IOException {
        VendorResponse answer = answer(stream("01234567890"));

        assertThat(answer.readAll(10)).isEmpty();
        assertThat(answer.body()).hasContent("01234567890");
    }

    @Test
    void a_body_in_memory_is_there_without_being_read() throws IOException {
        byte[] body = "in memory".getBytes(StandardCharsets.UTF_8);
        VendorResponse answer = VendorResponse.of(200, new MultivaluedHashMap<>(), body);

        assertThat(answer.beginning()).isEqualTo("in memory");
        assertThat(answer.inMemory()).containsSame(body);
        assertThat(answer.body()).hasContent("in memory");
        assertThat(answer(stream("streams")).inMemory()).isEmpty();
    }

    @Test
    void looking_twice_changes_nothing() throws IOException {
        String text = "x".repeat(2 * BEGINNING);
        VendorResponse answer = answer(stream(text));
        answer.beginning();

        assertThat(answer.beginning()).hasSize(BEGINNING);
        assertThat(answer.body().readAllBytes()).hasSize(2 * BEGINNING);
    }

    @Test
    void a_body_that_breaks_off_has_no_beginning_and_breaks_off_for_its_reader_too() {
        InputStream broken = new SequenceInputStream(stream("begun"), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken off");
            }

            @Override
            public int read(byte[] into, int from, int length) throws IOException {
                throw new IOException("broken off");
            }
        });
        VendorResponse answer = answer(broken);

        assertThat(answer.beginning()).isEmpty();
        assertThatThrownBy(() -> answer.body().readAllBytes())
                .isInstanceOf(IOException.class)
                .hasMessage("broken off");
    }

    @Test
    void an_answer_without_a_body_has_an_empty_one() throws IOException {
        VendorResponse answer = VendorResponse.of(Response.status(204).build());

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.beginning()).isEmpty();
        assertThat(answer.body().readAllBytes()).isEmpty();
    }

    private static VendorResponse answer(InputStream body) {
        return VendorResponse.of(Response.status(403).entity(body).build());
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
