package io.sluice.saas.clari;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.export.job.Exporter.InvalidRequestException;
import io.sluice.export.job.Exporter.PartRequest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which orders Clari would understand as they are meant. */
class ClariExportValidatorTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void an_order_has_a_part_for_each_period_in_the_order_given() throws Exception {
        List<PartRequest> parts = split("{'forecast':'net_bookings','periods':['2026_Q2','2025_Q4','2026_Q1']}");

        assertThat(parts).extracting(PartRequest::part).containsExactly("2026_Q2", "2025_Q4", "2026_Q1");
        assertThat(parts).extracting(PartRequest::allowance).containsOnly(Duration.ZERO);
        assertThat(parts)
                .extracting(PartRequest::kind)
                .containsOnly(parts.getFirst().kind());
        assertThat(parts.getFirst().parameters())
                .isEqualTo(json("{'forecast':'net_bookings','body':{'timePeriod':'2026_Q2',"
                        + "'typesToExport':['forecast','forecast_updated'],'schedule':'NONE',"
                        + "'includeHistorical':false,'exportFormat':'JSON'}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'typesToExport':['forecast_updated','forecast']}",
                "{'typesToExport':['forecast','forecast','forecast_updated']}",
                "{'schedule':'NONE','exportFormat':'JSON','includeHistorical':false}",
                "{'exportFormat':'JSON','schedule':'NONE'}",
                "{'currency':null,'scopeId':null}"
            })
    void orders_that_mean_the_same_are_equal(String options) throws Exception {
        assertThat(split("{'forecast':'f','periods':['2026_Q1'],'options':" + options + "}"))
                .extracting(part -> part.parameters().toString())
                .isEqualTo(split("{'forecast':'f','periods':['2026_Q1']}").stream()
                        .map(part -> part.parameters().toString())
                        .toList());
    }

    @Test
    void everything_that_can_be_chosen_arrives() throws Exception {
        PartRequest part = split(
                        "{'forecast':'f','periods':['2026_Q1'],'options':{'typesToExport':['crm_closed','quota'],"
                                + "'scopeId':'1905::MGR','currency':'USD','schedule':'ONCE','includeHistorical':true,"
                                + "'exportFormat':'CSV'}}")
                .getFirst();

        assertThat(part.parameters().path("body"))
                .isEqualTo(json("{'timePeriod':'2026_Q1','typesToExport':['quota','crm_closed'],"
                        + "'scopeId':'1905::MGR','currency':'USD','schedule':'ONCE','includeHistorical':true,"
                        + "'exportFormat':'CSV'}"));
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0", "ONCE, 60", "MAX, 120"})
    void what_clari_may_wait_is_allowed_for(String schedule, long minutes) throws Exception {
        PartRequest part = split("{'forecast':'f','periods':['2026_Q1'],'options':{'schedule':'" + schedule + "'}}")
                .getFirst();

        assertThat(part.allowance()).isEqualTo(Duration.ofMinutes(minutes));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'periods':['2026_Q1']} | forecast must be a text",
                "{'forecast':'','periods':['2026_Q1']} | forecast must be a text",
                "{'forecast':7,'periods':['2026_Q1']} | forecast must be a text",
                "{'forecast':'..','periods':['2026_Q1']} | forecast is a name",
                "{'forecast':'.','periods':['2026_Q1']} | forecast is a name",
                "{'forecast':'a/b','periods':['2026_Q1']} | forecast is a name",
                "{'forecast':'a%2e','periods':['2026_Q1']} | forecast is a name",
                "{'forecast':'f'} | periods must be a list",
                "{'forecast':'f','periods':[]} | periods must be a list",
                "{'forecast':'f','periods':'2026_Q1'} | periods must be a list",
                "{'forecast':'f','periods':['2026_Q5']} | a period is a year and a quarter",
                "{'forecast':'f','periods':['2026_Q0']} | a period is a year and a quarter",
                "{'forecast':'f','periods':['2026Q1']} | a period is a year and a quarter",
                "{'forecast':'f','periods':['2026_q1']} | a period is a year and a quarter",
                "{'forecast':'f','periods':[20261]} | a period is a year and a quarter",
                "{'forecast':'f','periods':['2026_Q1 ']} | a period is a year and a quarter",
                "{'forecast':'f','periods':['2026_Q1','2026_Q1']} | 2026_Q1 is there twice",
                "{'forecast':'f','periods':['2026_Q1'],'period':'x'} | no field period",
                "{'forecast':'f','periods':['2026_Q1'],'options':[]} | options must be an object",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'timePeriod':'2026_Q1'}} | no field options.timePeriod",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'typestoexport':[]}} | no field options.typestoexport",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'typesToExport':[]}} | typesToExport must be a list",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'typesToExport':'quota'}} | typesToExport must be a list",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'typesToExport':['Quota']}} | typesToExport has",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'typesToExport':[1]}} | typesToExport has",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'currency':'usd'}} | currency is three capital letters",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'currency':'EURO'}} | currency is three capital letters",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'currency':5}} | currency must be a text",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'scopeId':' '}} | scopeId must be a text",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'schedule':'TWICE'}} | schedule is one of",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'schedule':null}} | schedule is one of",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'includeHistorical':'true'}} | includeHistorical is",
                "{'forecast':'f','periods':['2026_Q1'],'options':{'exportFormat':'XLSX'}} | exportFormat is one of"
            })
    void what_clari_would_take_for_something_else_is_refused(String parameters, String message) {
        assertThatThrownBy(() -> split(parameters))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"net_bookings", "a.b", "...", "5f:2-x", "Über", "a b", ".a"})
    void names_of_forecasts_are_free_otherwise(String forecast) throws Exception {
        assertThat(split("{'forecast':'" + forecast + "','periods':['2026_Q1']}"))
                .hasSize(1);
    }

    private static List<PartRequest> split(String parameters) throws JsonProcessingException {
        return ClariExportValidator.split((ObjectNode) json(parameters));
    }

    private static com.fasterxml.jackson.databind.JsonNode json(String text) throws JsonProcessingException {
        return JSON.readTree(text.replace('\'', '"'));
    }
}
