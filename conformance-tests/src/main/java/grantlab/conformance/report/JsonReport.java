package grantlab.conformance.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import grantlab.conformance.MatrixResult;
import java.time.Instant;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** matrix.json: all that was found out, for programs. */
public final class JsonReport {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private JsonReport() {}

    /**
     * Renders.
     *
     * @param result of a matrix
     * @param started when it began
     * @return a JSON object, indented
     */
    public static String of(MatrixResult result, Instant started) {
        return indented(MatrixDocument.of(result, started));
    }

    static MatrixDocument read(String text) {
        return MAPPER.readValue(text, MatrixDocument.class);
    }

    static String indented(Object document) {
        return MAPPER.writer(SerializationFeature.INDENT_OUTPUT).writeValueAsString(document) + "\n";
    }

    /** One line, for the page. */
    static String compact(MatrixDocument document) {
        return MAPPER.writeValueAsString(document);
    }
}
