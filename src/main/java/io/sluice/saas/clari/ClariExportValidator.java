package io.sluice.saas.clari;

import static io.sluice.saas.JsonChecks.check;
import static io.sluice.saas.JsonChecks.checkFields;
import static io.sluice.saas.JsonChecks.checkObject;
import static io.sluice.saas.JsonChecks.oneOf;
import static io.sluice.saas.JsonChecks.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.export.job.Exporter.PartRequest;
import io.sluice.export.job.Exporter.Terms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The validator of requests for forecast exports; also splits them into parts. Clari replaces any value that it does
 * not recognize by its default, without an error, so every value that it would misread is refused here.
 */
final class ClariExportValidator {
    private static final String PERIOD_FIELD = "timePeriod";
    private static final Pattern PERIOD = Pattern.compile("\\d{4}_Q[1-4]");
    /** A forecast's name: no dot segment, and without characters that would make it one, or two segments. */
    private static final Pattern FORECAST = Pattern.compile("(?!\\.{1,2}(;|$))[^/\\\\%\\p{Cntrl}]+");

    private static final Pattern CURRENCY = Pattern.compile("[A-Z]{3}");
    private static final int LONGEST_NAME = 200;

    /** The types of data in a forecast export, in the order of Clari's documentation (OpenAPI 5.0.0). */
    private static final List<String> TYPES =
            List.of("forecast", "quota", "forecast_updated", "adjustment", "crm_total", "crm_closed");

    private static final List<String> DEFAULT_TYPES = List.of("forecast", "forecast_updated");

    /**
     * How long Clari may wait, by the requested schedule of retries: it tries again once, or three times, after 30
     * minutes each (OpenAPI 5.0.0); another such wait is left for the attempts themselves.
     */
    private static final Map<String, Duration> SCHEDULES = Map.of(
            "NONE", Duration.ZERO,
            "ONCE", Duration.ofMinutes(60),
            "MAX", Duration.ofMinutes(120));

    private ClariExportValidator() {}

    /**
     * Splits a request into one part for each period; each part's request is
     * {@code {"forecast": ..., "body": the body for Clari}}.
     */
    static List<PartRequest> split(ObjectNode parameters) {
        checkFields(parameters, "", List.of("forecast", "periods", "options"));
        String forecast = text(parameters, "forecast", LONGEST_NAME);
        check(FORECAST.matcher(forecast).matches(), "forecast is a name as in the forecast's URL: " + forecast);
        ObjectNode options = options(parameters.path("options"));
        Duration allowance = SCHEDULES.getOrDefault(options.path("schedule").asText(), Duration.ZERO);
        List<PartRequest> parts = new ArrayList<>();
        for (String period : periods(parameters.path("periods"))) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.put(PERIOD_FIELD, period);
            body.setAll(options);
            ObjectNode part = JsonNodeFactory.instance.objectNode();
            part.put("forecast", forecast);
            part.set("body", body);
            parts.add(new PartRequest(period, "forecast " + forecast, part, allowance));
        }
        return parts;
    }

    /** The terms from which {@link #split} made a part's request, without the period. */
    static Terms terms(JsonNode parameters) {
        ObjectNode options = JsonNodeFactory.instance.objectNode();
        parameters.path("body").properties().forEach(field -> options.set(field.getKey(), field.getValue()));
        options.remove(PERIOD_FIELD);
        return new Terms(parameters.path("forecast").textValue(), null, options);
    }

    private static Set<String> periods(JsonNode given) {
        check(given.isArray() && !given.isEmpty(), "periods must be a list of at least one period such as 2026_Q1");
        Set<String> periods = new LinkedHashSet<>();
        for (JsonNode period : given) {
            check(
                    period.isTextual() && PERIOD.matcher(period.textValue()).matches(),
                    "a period is a year and a quarter such as 2026_Q1: " + period);
            check(periods.add(period.textValue()), "period " + period.textValue() + " is there twice");
        }
        return periods;
    }

    /** All options, so that an option left out and one given as Clari's default make the same request. */
    private static ObjectNode options(JsonNode given) {
        checkObject(given, "options");
        checkFields(
                given,
                "options.",
                List.of("typesToExport", "scopeId", "currency", "schedule", "includeHistorical", "exportFormat"));
        ObjectNode options = JsonNodeFactory.instance.objectNode();
        options.set("typesToExport", types(given.path("typesToExport")));
        if (given.hasNonNull("scopeId")) {
            options.put("scopeId", text(given, "scopeId", LONGEST_NAME));
        }
        if (given.hasNonNull("currency")) {
            String currency = text(given, "currency", LONGEST_NAME);
            check(CURRENCY.matcher(currency).matches(), "currency is three capital letters such as USD: " + currency);
            options.put("currency", currency);
        }
        options.put("schedule", oneOf(given, "schedule", new TreeSet<>(SCHEDULES.keySet()), "NONE"));
        JsonNode historical = given.path("includeHistorical");
        check(
                historical.isMissingNode() || historical.isBoolean(),
                "includeHistorical is true or false: " + historical);
        options.put("includeHistorical", historical.asBoolean());
        options.put("exportFormat", oneOf(given, "exportFormat", List.of("JSON", "CSV"), "JSON"));
        return options;
    }

    private static ArrayNode types(JsonNode given) {
        check(
                given.isMissingNode() || (given.isArray() && !given.isEmpty()),
                "typesToExport must be a list of at least one of " + TYPES);
        Set<String> types = new TreeSet<>(Comparator.comparingInt(TYPES::indexOf));
        for (JsonNode type : given) {
            check(TYPES.contains(type.asText()), "typesToExport has " + type + "; there are " + TYPES);
            types.add(type.asText());
        }
        types.addAll(given.isMissingNode() ? DEFAULT_TYPES : List.of());
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        types.forEach(array::add);
        return array;
    }
}
