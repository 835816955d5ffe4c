package grantlab.cli;

import grantlab.conformance.Catalogue;
import grantlab.conformance.report.CatalogueReport;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code grantlab clauses}. */
@Command(
        name = "clauses",
        description = "Print the catalogue of promises, with their sources.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ClausesCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--clause", paramLabel = "GLOB", split = ",", description = "Only these, such as MAP-*.")
    private List<String> clauses = List.of();

    @ArgGroup
    private Form form = new Form();

    /** How they are printed. */
    static final class Form {
        @Option(names = "--json", description = "For programs.")
        private boolean json;

        @Option(names = "--markdown", description = "As docs/clauses.md has them.")
        private boolean markdown;

        private String of(Catalogue catalogue, Terminal terminal) {
            if (json) {
                return CatalogueReport.json(catalogue);
            }
            return markdown ? CatalogueReport.markdown(catalogue) : CatalogueReport.text(catalogue, terminal.paint());
        }
    }

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    ClausesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        options.installed();
        Catalogue catalogue = Catalogue.installed().select(clauses);
        terminal.out().print(form.of(catalogue, terminal));
        terminal.out().flush();
        return ExitStatus.OKAY;
    }
}
