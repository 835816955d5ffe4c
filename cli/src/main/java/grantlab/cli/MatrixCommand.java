package grantlab.cli;

import com.typesafe.config.Config;
import grantlab.conformance.Catalogue;
import grantlab.conformance.Combination;
import grantlab.conformance.Matrix;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Member;
import grantlab.conformance.Selection;
import grantlab.conformance.Shard;
import grantlab.conformance.Touched;
import grantlab.conformance.report.EarlierRun;
import grantlab.conformance.report.JsonReport;
import grantlab.conformance.report.Reports;
import grantlab.conformance.report.TerminalReport;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code grantlab matrix}. */
@Command(
        name = "matrix",
        description = "Hold every combination to every promise, and report.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class MatrixCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--format",
            paramLabel = "F",
            split = ",",
            description = "Grant formats: v1-v2 is granter and grantee, v1 is both (default: grant-format if it is set,"
                    + " else all that are installed, and pairs of those that differ).")
    private List<String> formats = List.of();

    @Option(
            names = "--paging",
            paramLabel = "P",
            split = ",",
            description = "Paging modes: hvm-pv is granter and grantee, hvm is hvm-hvm, pv,hvm are all four pairs"
                    + " (default: paging if it is set, else all that are installed).")
    private List<String> pagings = List.of();

    @Option(
            names = "--transport",
            paramLabel = "T",
            split = ",",
            description =
                    "Virtio transports: the grantee has virtio devices and the granter their drivers; none is none (default:"
                            + " transport if it is set, else none, and all where clauses are about them).")
    private List<String> transports = List.of();

    @Option(
            names = "--queue",
            paramLabel = "Q",
            split = ",",
            description = "Virtqueues: split or packed (default: queue if it is set, else both, beside a transport).")
    private List<String> queues = List.of();

    @Option(
            names = "--iommu",
            paramLabel = "I",
            split = ",",
            description =
                    "Kinds of IOMMU; grantees own devices then. identity and off go with pv grantees, shared, separate and"
                            + " separate-wo with hvm, strict is the strictest for each (default: iommu if it is set, else none, and"
                            + " strict where clauses are about it).")
    private List<String> iommus = List.of();

    @Option(
            names = "--search",
            paramLabel = "S",
            split = ",",
            description =
                    "How revocations find mappings: records, scan; with formats that have trees (default: revoke-search if it is"
                            + " set, else records, and scan where clauses are about it).")
    private List<String> searches = List.of();

    @Option(
            names = "--clause",
            paramLabel = "GLOB",
            split = ",",
            description = "Clauses, such as MAP-* or COPY-07 (default: all).")
    private List<String> clauses = List.of();

    @Option(
            names = "--touched",
            paramLabel = "PACKAGE",
            split = ",",
            description =
                    "Those combinations alone in which something of a package stands, such as grantlab.grant.v1. Without"
                            + " PACKAGE: what was edited since the last build, which is compiled without checks and run so.")
    private List<String> touched = List.of();

    @Option(names = "--beside-devices", description = "Beside the devices of --iommu run also what is not about them.")
    private boolean besideDevices;

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description = "Where matrix.html, matrix.json and matrix.junit.xml go (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("target", "matrix");

    @Option(names = "--seed", paramLabel = "N", description = "Replay randomised clauses with the seed of a report.")
    private @Nullable Long seed;

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            converter = ShardText.class,
            description =
                    "Run the I-th of N parts alone; all parts need the same --seed, and grantlab merge puts them together.")
    private Shard shard = Shard.WHOLE;

    @Option(
            names = "--compare",
            paramLabel = "JSON",
            description = "Say what differs from an earlier run, of which this is matrix.json.")
    private @Nullable Path compare;

    @Option(names = "--json", description = "Print matrix.json instead of the grid.")
    private boolean json;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    MatrixCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Instant started = Instant.now();
        // Before it may be written over.
        EarlierRun earlier = compare == null ? null : EarlierRun.read(compare);
        Installed installed = options.installed();
        Settings settings = options.settings();
        Catalogue chosen = Catalogue.installed().select(clauses);
        Catalogue catalogue = besideDevices ? chosen.withDevicesBeside() : chosen;
        List<Combination> combinations =
                Touched.named(touched).within(selection().combinations(installed, catalogue), installed);
        Matrix matrix = new Matrix(catalogue, combinations, settings, installed, chosenSeed(), shard);
        MatrixResult result = run(matrix);
        Reports.write(result, started, earlier, directory);
        if (json) {
            terminal.out().print(JsonReport.of(result, started));
        } else {
            terminal.out().print(TerminalReport.of(result, terminal.paint()));
            terminal.out().println();
            if (earlier != null) {
                terminal.out().println(earlier.text(result, terminal.paint()));
            }
            terminal.out().println("report  " + directory.resolve(Reports.HTML));
        }
        terminal.out().flush();
        return status(result);
    }

    private MatrixResult run(Matrix matrix) {
        try (Progress progress = Progress.of(terminal, "matrix", matrix.size())) {
            return matrix.run(cell -> progress.step());
        }
    }

    private int status(MatrixResult result) {
        // Of a part others may run what is applicable.
        if (!result.ranAnything() && shard.isWhole()) {
            terminal.err()
                    .println("grantlab: none of the chosen clauses is applicable in the chosen combinations;"
                            + " choose others with --clause, --format, --paging, --transport, --iommu or --search");
            return ExitStatus.MISUSE;
        }
        return result.broken().isEmpty() ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    /** What the command line does not choose, a configuration that names it does. */
    private Selection selection() throws IOException {
        Config said = options.said();
        return new Selection(chosen(formats, said, "grant-format"), chosen(pagings, said, "paging"))
                .with(
                        Member.TRANSPORT,
                        chosenOrNone(
                                transports,
                                said,
                                "transport",
                                Settings.usual().virtio().transport()))
                .with(
                        Member.IOMMU,
                        chosenOrNone(iommus, said, "iommu", Settings.usual().iommu()))
                .with(Member.QUEUE, chosen(queues, said, "queue"))
                .with(Member.SEARCH, chosen(searches, said, "revoke-search"));
    }

    /** A configuration that names what there is without it chooses nothing. */
    private static List<String> chosenOrNone(List<String> names, Config said, String key, String usual) {
        List<String> chosen = chosen(names, said, key);
        return names.isEmpty() && chosen.equals(List.of(usual)) ? List.of() : chosen;
    }

    private static List<String> chosen(List<String> names, Config said, String key) {
        return names.isEmpty() && said.hasPath(key) ? List.of(said.getString(key)) : names;
    }

    /** Reads the option. */
    private static final class ShardText implements ITypeConverter<Shard> {
        @Override
        public Shard convert(String text) {
            try {
                return Shard.of(text);
            } catch (ConfigurationException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    private long chosenSeed() {
        if (seed == null && !shard.isWhole()) {
            throw new ConfigurationException("--shard needs --seed: all parts of a matrix have the same");
        }
        // Short enough to be typed again.
        return seed == null ? new SecureRandom().nextInt(1, 1_000_000) : seed;
    }
}
