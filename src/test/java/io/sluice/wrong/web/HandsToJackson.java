package io.sluice.wrong.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;

/** Hands values of its own to Jackson in every way that the check knows, and none of them is registered. */
class HandsToJackson {
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Annotated(int number) {}

    record Answered(Map<String, List<Element>> elements) {
        Response response() {
            return Response.status(400).header("a", "b").entity(this).build();
        }
    }

    record Element(int number) {}

    record MadeForAnAnswer(int number) {}

    record Read(int number) {}

    record ReadByParameter(int number) {}

    record Written(int number) {}

    sealed interface State {}

    record Open(int number) implements State {}

    record Closed(int number) implements State {}

    record Untouched(int number) {}

    private final ObjectMapper json = new ObjectMapper();

    Response answer(int number) {
        return Response.ok(new MadeForAnAnswer(number)).build();
    }

    int read(String text) throws JsonProcessingException {
        return json.readValue(text, Read.class).number();
    }

    int readByParameter(JsonNode node) throws JsonProcessingException {
        return read(node, ReadByParameter.class).number();
    }

    private <T> T read(JsonNode node, Class<T> type) throws JsonProcessingException {
        return json.treeToValue(node, type);
    }

    String write(Untouched untouched) throws JsonProcessingException {
        Written written = new Written(untouched.number());
        return json.writeValueAsString(written);
    }

    JsonNode state(State state) {
        return json.valueToTree(state);
    }
}
