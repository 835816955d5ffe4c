package grantlab.api.abi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every offset, size and number is what a C compiler sees in Xen's public headers. */
class XenHeadersTest {
    private static final String GOLDEN = "xen-4.17-headers.csv";

    @TestFactory
    Stream<DynamicTest> constantIsAsInTheHeader() throws IOException {
        return golden().stream().map(line -> DynamicTest.dynamicTest(line, () -> compare(line)));
    }

    @Test
    void goldenNumbersAreThere() throws IOException {
        assertThat(golden()).hasSizeGreaterThan(100);
    }

    private static List<String> golden() throws IOException {
        InputStream stream = Objects.requireNonNull(XenHeadersTest.class.getResourceAsStream(GOLDEN));
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.startsWith("#")).toList();
        }
    }

    private static void compare(String line) throws ReflectiveOperationException {
        String[] constantAndValue = line.split(",", -1);
        String[] classAndField = constantAndValue[0].split("\\.", -1);
        Class<?> declaring = Class.forName(XenHeadersTest.class.getPackageName() + "." + classAndField[0]);
        assertThat(declaring.getField(classAndField[1]).getInt(null)).isEqualTo(Integer.parseInt(constantAndValue[1]));
    }
}
