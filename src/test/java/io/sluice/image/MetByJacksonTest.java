package io.sluice.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** Holds the search for what Jackson meets against fixtures, so that it is known to find what is not registered. */
class MetByJacksonTest {
    private static final String FIXTURE = "io.sluice.wrong.web.HandsToJackson$";

    @Test
    void finds_what_is_annotated_what_is_handed_over_and_what_these_lead_to() {
        assertThat(new MetByJackson(new ClassFileImporter().importPackages("io.sluice.wrong")).names())
                .containsExactlyInAnyOrder(
                        FIXTURE + "Annotated",
                        FIXTURE + "Answered",
                        FIXTURE + "Element",
                        FIXTURE + "MadeForAnAnswer",
                        FIXTURE + "Read",
                        FIXTURE + "ReadByParameter",
                        FIXTURE + "Written",
                        FIXTURE + "Open",
                        FIXTURE + "Closed");
    }
}
