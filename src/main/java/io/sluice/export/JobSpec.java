package io.sluice.export;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/**
 * What a job is to export, for whom.
 *
 * @param team who pays for its calls
 * @param kind what jobs of about the same duration have in common
 * @param parameters what to export, in the vendor's terms
 * @param allowance what it may take beyond the deadline
 */
public record JobSpec(
        String vendor, String account, String team, String kind, JsonNode parameters, Duration allowance) {}
