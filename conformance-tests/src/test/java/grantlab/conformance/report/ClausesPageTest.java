package grantlab.conformance.report;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * docs/clauses.md says what the catalogue says. {@code -Dtest=ClausesPageTest -Dclauses=write} writes it anew, as {@code grantlab
 * clauses --markdown} prints it.
 */
class ClausesPageTest {
    private static final Path PAGE = Path.of("..", "docs", "clauses.md");

    @Test
    @EnabledIfSystemProperty(named = "clauses", matches = "write")
    void thePageIsWrittenAnew() throws IOException {
        Files.writeString(PAGE, CatalogueReport.markdown(Catalogue.installed()));
    }

    @Test
    void thePageIsTrue() throws IOException {
        assertThat(Files.readString(PAGE).lines())
                .as("docs/clauses.md, which is written anew by -Dtest=ClausesPageTest -Dclauses=write")
                .containsExactlyElementsOf(
                        CatalogueReport.markdown(Catalogue.installed()).lines().toList());
    }
}
