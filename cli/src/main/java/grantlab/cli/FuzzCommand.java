package grantlab.cli;

import grantlab.conformance.fuzz.Audience;
import grantlab.conformance.fuzz.Campaign;
import grantlab.conformance.fuzz.CampaignPlan;
import grantlab.conformance.fuzz.CampaignResult;
import grantlab.conformance.fuzz.CertainScripts;
import grantlab.conformance.fuzz.Certainty;
import grantlab.conformance.fuzz.Combination;
import grantlab.conformance.fuzz.Discovery;
import grantlab.conformance.fuzz.Examination;
import grantlab.conformance.fuzz.Generator;
import grantlab.conformance.fuzz.Mode;
import grantlab.conformance.fuzz.ScriptSource;
import grantlab.conformance.fuzz.Souvenirs;
import grantlab.conformance.fuzz.XenJudge;
import grantlab.conformance.record.Recorder;
import grantlab.conformance.record.RecorderSettings;
import grantlab.conformance.report.FuzzReport;
import grantlab.conformance.script.Script;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code grantlab fuzz}. */
@Command(
        name = "fuzz",
        description =
                "Run random scripts in every combination, check the invariants after each operation, and shrink what"
                        + " comes to light.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class FuzzCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(names = "--seed", paramLabel = "N", description = "Chance (default: another one each time; it is printed).")
    private @Nullable Long seed;

    @Option(
            names = "--count",
            paramLabel = "M",
            description = "Operations to generate (default: ${DEFAULT-VALUE}).",
            converter = AtLeastOne.class)
    private int count = 200_000;

    @Option(
            names = "--ops",
            paramLabel = "K",
            description = "Operations of a script (default: ${DEFAULT-VALUE}).",
            converter = AtLeastOne.class)
    private int operations = 2000;

    @Option(
            names = "--modes",
            paramLabel = "M",
            split = ",",
            description =
                    "Kinds of domains and versions of tables: pv1, pv2, pvh1, pvh2, pvmix, pvhmix, and with trees pv3,"
                            + " pvh3, v3mix (default: all; against xen those without trees).",
            converter = ModeWord.class)
    private List<Mode> modes = List.of();

    @Option(
            names = "--memory",
            paramLabel = "K",
            split = ",",
            description =
                    "Kinds of machine memory, each a combination (default: all that are installed and answer alike).")
    private List<String> memories = List.of();

    @Option(
            names = "--against",
            paramLabel = "JUDGE",
            description = "xen: record each script on a real Xen too, and compare.",
            converter = JudgeWord.class)
    private @Nullable String against;

    @Mixin
    private RealXenOptions realXen = new RealXenOptions();

    @Option(
            names = "--threads",
            paramLabel = "T",
            description = "Scripts that run at once (default: one for each processor).",
            converter = AtLeastOne.class)
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--time",
            paramLabel = "D",
            description = "Begin no further script after this time, such as 90s, 10m or 2h.",
            converter = Span.class)
    private Duration time = Duration.ZERO;

    @Option(
            names = "--enough",
            paramLabel = "N",
            description = "End after so many different discoveries (default: ${DEFAULT-VALUE}).",
            converter = AtLeastOne.class)
    private int enough = 5;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Where the scripts of discoveries go (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("target", "fuzz");

    @Option(
            names = "--script",
            paramLabel = "FILE",
            split = ",",
            description = "Examine these scripts, and generate none.")
    private List<Path> scripts = List.of();

    @Option(names = "--json", description = "For programs.")
    private boolean json;

    @Mixin
    private SettingsOptions options = new SettingsOptions();

    FuzzCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Installed installed = options.installed();
        Settings settings = options.settings();
        List<Combination> combinations = Combination.of(chosenMemories(installed));
        XenJudge judge = against == null ? null : judge();
        Examination examination = new Examination(settings, installed, combinations, judge);
        try {
            int status = scripts.isEmpty()
                    ? campaign(examination, combinations, source(settings, installed))
                    : examineAll(examination);
            if (judge != null && !json) {
                judge.silent().forEach(script -> terminal.out().println("Xen did not come to the end of " + script));
            }
            return status;
        } finally {
            terminal.out().flush();
        }
    }

    private XenJudge judge() throws IOException {
        Recorder recorder = new Recorder(realXen.complete(RecorderSettings.usual()));
        recorder.prepare();
        return new XenJudge(recorder);
    }

    /** Xen is only asked what it answers with certainty. */
    private ScriptSource source(Settings settings, Installed installed) {
        return against == null
                ? new Generator(Audience.OURS)
                : new CertainScripts(new Generator(Audience.XEN), new Certainty(settings, installed));
    }

    private int campaign(Examination examination, List<Combination> combinations, ScriptSource source)
            throws IOException {
        CampaignPlan plan = new CampaignPlan(
                seed == null ? new SecureRandom().nextInt(1, 1_000_000) : seed,
                count,
                operations,
                chosenModes(),
                threads,
                time,
                enough);
        CampaignResult result;
        try (Progress progress = Progress.measured(terminal, "fuzz", "op", plan.count())) {
            result = new Campaign(plan, examination, source).run(progress::step);
        }
        List<Path> saved = Souvenirs.save(result.culprits(), directory);
        if (json) {
            terminal.out().print(FuzzReport.json(result, combinations));
        } else {
            terminal.out().print(FuzzReport.text(result, combinations, terminal.paint()));
            saved.forEach(script -> terminal.out().println("saved   " + script));
        }
        return result.clean() ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    private int examineAll(Examination examination) throws IOException {
        boolean clean = true;
        for (Path file : scripts) {
            Script script = Script.read(file);
            Optional<Discovery> found = examination.examine(script, Files.readString(file), new ArrayList<>());
            terminal.out()
                    .println(found.map(discovery -> terminal.paint().bad("✗ ") + file + " " + discovery)
                            .orElse(terminal.paint().good("✓ ") + file));
            clean &= found.isEmpty();
        }
        return clean ? ExitStatus.OKAY : ExitStatus.DIFFERS;
    }

    private List<Mode> chosenModes() {
        if (!modes.isEmpty()) {
            return modes;
        }
        return against == null ? Mode.all() : Mode.ofXen();
    }

    /** The quickest first: it is the one that is run to the very end. */
    private List<String> chosenMemories(Installed installed) {
        if (!memories.isEmpty()) {
            memories.forEach(installed::memory);
            return memories;
        }
        List<String> all = new ArrayList<>();
        installed.memories().forEach(provider -> all.add(provider.name()));
        // Their answers differ by design.
        all.removeAll(Certainty.OTHER_ORDERS);
        all.sort((a, b) -> Boolean.compare(b.equals("on-heap"), a.equals("on-heap")));
        return all;
    }

    /** A mode by its word. */
    static final class ModeWord implements ITypeConverter<Mode> {
        @Override
        public Mode convert(String word) {
            return Mode.of(word)
                    .orElseThrow(() -> new TypeConversionException(
                            "there is no mode '" + word + "'; the modes are " + Mode.words()));
        }
    }

    /** The one judge that there is. */
    static final class JudgeWord implements ITypeConverter<String> {
        @Override
        public String convert(String word) {
            if (!word.equals("xen")) {
                throw new TypeConversionException("there is no judge '" + word + "'; there is: xen");
            }
            return word;
        }
    }

    /** A time with its unit. */
    static final class Span implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
            } catch (DateTimeParseException e) {
                throw new TypeConversionException("'" + text + "' is no time; write 90s, 10m or 2h");
            }
        }
    }
}
