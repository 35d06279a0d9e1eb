package io.sluice.web;

import io.sluice.web.NewExport.Clari;
import io.sluice.web.NewExport.Customerio;
import jakarta.validation.constraints.Pattern;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.DiscriminatorMapping;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The request of an export as the OpenAPI document describes it, one record per vendor. Requests are not read into
 * these records: each vendor's {@code Exporter} validates its requests, with error texts of its own.
 */
@Schema(
        name = "NewExport",
        oneOf = {Clari.class, Customerio.class},
        discriminatorProperty = "vendor",
        discriminatorMapping = {
            @DiscriminatorMapping(value = "clari", schema = Clari.class),
            @DiscriminatorMapping(value = "customerio", schema = Customerio.class)
        })
sealed interface NewExport {
    String CLARI_EXAMPLE = "{\"vendor\":\"clari\",\"forecast\":\"net_bookings\",\"periods\":[\"2026_Q1\",\"2026_Q2\"],"
            + "\"options\":{\"currency\":\"USD\"}}";
    String CUSTOMERIO_EXAMPLE = "{\"vendor\":\"customerio\",\"type\":\"customers\",\"options\":{\"filters\":"
            + "{\"and\":[{\"attribute\":{\"field\":\"plan\",\"operator\":\"eq\",\"value\":\"pro\"}}]}}}";

    List<String> CLARI_TYPES =
            List.of("forecast", "quota", "forecast_updated", "adjustment", "crm_total", "crm_closed");

    /** Files of a forecast, one for each period. */
    @Schema(name = "NewClariExport", description = "Files of a forecast, one part for each period")
    record Clari(
            @Schema(enumeration = "clari") String vendor,

            @Schema(description = "The account at the vendor", defaultValue = "default") @Nullable
            String account,

            @Schema(description = "The forecast's name as in its URL at Clari", maxLength = 200)
            String forecast,

            @Schema(description = "Years and quarters", minItems = 1)
            List<@Pattern(regexp = "^\\d{4}_Q[1-4]$") String> periods,

            @Nullable ClariOptions options)
            implements NewExport {}

    /** Clari's options, named as in its API. */
    @Schema(name = "ClariExportOptions", description = "Clari's options, named as in its API")
    record ClariOptions(
            @Schema(description = "The content of the files; the forecast and its changes by default", minItems = 1)
            @Nullable
            List<String> typesToExport,

            @Nullable String scopeId,

            @Schema(description = "ISO 4217", pattern = "^[A-Z]{3}$") @Nullable
            String currency,

            @Schema(
                    description = "How often Clari tries again after 30 minutes",
                    enumeration = {"NONE", "ONCE", "MAX"},
                    defaultValue = "NONE")
            @Nullable
            String schedule,

            @Schema(defaultValue = "false") @Nullable Boolean includeHistorical,

            @Schema(
                    enumeration = {"JSON", "CSV"},
                    defaultValue = "JSON")
            @Nullable
            String exportFormat) {}

    /** One file of people or of deliveries. */
    @Schema(name = "NewCustomerioExport", description = "One file, of people or of deliveries")
    record Customerio(
            @Schema(enumeration = "customerio") String vendor,

            @Schema(description = "The account at the vendor", defaultValue = "default") @Nullable
            String account,

            @Schema(
                    description = "The object to export",
                    enumeration = {"customers", "deliveries"})
            String type,

            @Schema(
                    type = SchemaType.OBJECT,
                    description =
                            "Customer.io's options, named as in its API; customers need filters that select the people")
            @Nullable
            Map<String, Object> options)
            implements NewExport {}
}
