package grantlab.conformance.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Forms are those of the specification, and a call has in memory what was put in. */
class V3FormTest {
    private static final Path SPECIFICATION = Path.of("..", "docs", "grant-v3.md");
    private static final Pattern FIELD =
            Pattern.compile("\\| (\\d+) \\| (\\d+) \\| (\\w+) \\| (in|out|in/out|zero) \\|.*");
    private static final String HEAD = "head";

    @ParameterizedTest
    @EnumSource
    void fieldsAreAsInTheSpecification(V3Form form) throws IOException {
        List<String> fields = form.fields().stream()
                .filter(field -> form.element() || field.offset() >= V3Head.SIZE)
                .map(V3FormTest::row)
                .toList();
        assertThat(fields).isEqualTo(specified(form));
        V3Field last = form.fields().getLast();
        assertThat(last.offset() + last.bytes()).isEqualTo(form.size());
    }

    private static String row(V3Field field) {
        String direction = field.direction().name().toLowerCase(Locale.ROOT).replace('_', '/');
        return field.offset() + " " + field.bytes() + " " + field.name() + " " + direction;
    }

    /** The rows of the struct's table, without the head's. */
    private static List<String> specified(V3Form form) throws IOException {
        List<String> rows = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(SPECIFICATION)) {
            if (line.startsWith("#")) {
                inside = line.contains("`struct gnttab_" + form.verb() + "`");
            }
            Matcher field = FIELD.matcher(line);
            if (inside && field.matches() && !field.group(3).equals(HEAD)) {
                rows.add(field.group(1) + " " + field.group(2) + " " + field.group(3) + " " + field.group(4));
            }
        }
        assertThat(rows).isNotEmpty();
        return rows;
    }

    @Test
    void whatIsPutInIsThere() {
        V3Call call = V3Call.of(V3Form.MAP)
                .with(V3Map.REF, 0xfedc_ba98_7654_3210L)
                .with(V3Map.PEER, 0x1_8001)
                .with(V3Map.FLAGS, V3Map.HOST)
                .and(V3Map.WRITE);
        assertThat(call.get(V3Map.REF)).isEqualTo(0xfedc_ba98_7654_3210L);
        assertThat(call.get(V3Map.PEER)).isEqualTo(0x8001);
        assertThat(call.get(V3Map.FLAGS)).isEqualTo(V3Map.HOST | V3Map.WRITE);
        assertThat(call.status()).isEqualTo(Call.UNWRITTEN);
        assertThat(call.bytes()).startsWith(0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe);
        assertThat(call.text()).isEqualTo("v3_map ref=0xfedcba9876543210 peer=0x8001 flags=0x3");
    }

    @Test
    void aHeadIsRightToBeginWith() {
        V3Call call = V3Call.of(V3Form.TREE_CREATE).and(V3TreeCreate.LARGE_OK);
        assertThat(call.get(V3Head.STRUCT_SIZE)).isEqualTo(V3TreeCreate.SIZE);
        assertThat(call.get(V3Head.VERSION)).isEqualTo(V3Head.THREE);
        assertThat(call.get(V3Head.FLAGS)).isEqualTo(V3TreeCreate.LARGE_OK);
    }

    @Test
    void anOffsetWithoutAFieldIsRefused() {
        V3Call call = V3Call.of(V3Form.MAP);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> call.with(V3Map.DEST + 1, 0))
                .withMessage("v3_map has no field at offset 9");
    }
}
