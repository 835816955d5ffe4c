package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** Whoever has the kit on the class path finds the same clauses as who has it on the module path. */
class ClauseFamilyTest {
    @Test
    void bothPathsLeadToTheSameFamilies() throws IOException {
        List<String> onClassPath = ServiceLoader.load(ClauseFamily.class).stream()
                .map(provider -> provider.type().getName())
                .toList();
        assertThat(onClassPath).doesNotHaveDuplicates().hasSameElementsAs(onModulePath());
    }

    private static List<String> onModulePath() throws IOException {
        try (InputStream in = ClauseFamily.class.getResourceAsStream("/module-info.class")) {
            assertThat(in).isNotNull();
            return ModuleDescriptor.read(in).provides().stream()
                    .filter(provides -> provides.service().equals(ClauseFamily.class.getName()))
                    .flatMap(provides -> provides.providers().stream())
                    .toList();
        }
    }
}
