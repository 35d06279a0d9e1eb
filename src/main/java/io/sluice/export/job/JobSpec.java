package io.sluice.export.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.AccountId;
import java.time.Duration;

/**
 * The specification of a job: the account, the team and the vendor's parameters.
 *
 * @param team the team that pays for its calls
 * @param kind a name that is shared by jobs of about the same duration
 * @param parameters the export in the vendor's terms
 * @param allowance the time that it may take beyond the deadline
 */
public record JobSpec(AccountId account, String team, String kind, JsonNode parameters, Duration allowance) {}
