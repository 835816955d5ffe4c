package grantlab.conformance.script;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.call.V3Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scripts know every flag by its name in the specification, and no name by another number. */
class TreeNamesTest {
    private static final Path SPECIFICATION = Path.of("..", "docs", "grant-v3.md");
    private static final Pattern CONSTANT = Pattern.compile("\\| (\\w+) \\| `([^`]+)` \\| ([a-z ]+) \\|.*");

    @ParameterizedTest
    @EnumSource
    void numbersAreThoseOfTheSpecification(V3Form form) throws IOException {
        Map<String, Long> flags = new TreeMap<>();
        Map<String, Long> all = new TreeMap<>();
        boolean inside = false;
        for (String line : Files.readAllLines(SPECIFICATION)) {
            if (line.startsWith("#")) {
                inside = line.contains("`struct gnttab_" + form.verb() + "`");
            }
            Matcher constant = CONSTANT.matcher(line);
            if (inside && constant.matches()) {
                all.put(constant.group(1), number(constant.group(2)));
                if (constant.group(3).equals("flag") && form != V3Form.QUERY) {
                    flags.put(constant.group(1), number(constant.group(2)));
                }
            }
        }
        assertThat(TreeNames.of(form)).containsAllEntriesOf(flags);
        assertThat(all).containsAllEntriesOf(TreeNames.of(form));
    }

    private static long number(String text) {
        String[] shifted = text.split(" << ", -1);
        return Long.decode(shifted[0]) << (shifted.length > 1 ? Integer.parseInt(shifted[1]) : 0);
    }

    @Test
    void namesAreJoined() {
        assertThat(TreeNames.number(V3Form.MAP, "HOST|WRITE|DEST_PTE")).isEqualTo(0x203);
        assertThat(TreeNames.number(V3Form.MAP, "0x20")).isEqualTo(0x20);
        assertThat(TreeNames.misnomer(V3Form.MAP, "HOST|WRITE")).isEmpty();
        assertThat(TreeNames.misnomer(V3Form.COPY, "WRITE")).hasValue("a number, or names joined by |: TO_REMOTE");
    }
}
