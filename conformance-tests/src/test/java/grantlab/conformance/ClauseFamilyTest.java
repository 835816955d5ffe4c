package grantlab.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

/** Whoever has the kit on the class path finds the same clauses as who has it on the module path. */
class ClauseFamilyTest {
    @Test
    void bothPathsLeadToTheSameFamilies() throws URISyntaxException {
        List<String> onClassPath = ServiceLoader.load(ClauseFamily.class).stream()
                .map(provider -> provider.type().getName())
                .toList();
        assertThat(onClassPath).doesNotHaveDuplicates().hasSameElementsAs(onModulePath());
    }

    private static List<String> onModulePath() throws URISyntaxException {
        URI classes = ClauseFamily.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI();
        ModuleReference kit =
                ModuleFinder.of(Path.of(classes)).findAll().iterator().next();
        return kit.descriptor().provides().stream()
                .filter(provides -> provides.service().equals(ClauseFamily.class.getName()))
                .flatMap(provides -> provides.providers().stream())
                .toList();
    }
}
