package grantlab.conformance.mutation;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Combination;
import grantlab.conformance.Member;
import grantlab.conformance.Promise;
import grantlab.conformance.Selection;
import grantlab.conformance.Trial;
import grantlab.conformance.Verdict;
import grantlab.conformance.replay.FileReport;
import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.Replayer;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * The kit as PIT sees it: one proof for each clause in each of a few combinations in which the mutated code does its work, and one for each
 * recording of Xen. {@link KillerPlugin} shows them to PIT; {@code mvn -Pmutation} runs it (docs/mutants.md), no other build does.
 */
final class Killer {
    private static final long SEED = 1;
    private static final int SHOWN = 1;

    private static final Installed INSTALLED = Installed.find();
    private static final Catalogue CATALOGUE = Catalogue.installed();

    private Killer() {}

    /**
     * What the code must not lose by a change.
     *
     * @param name the combination and the clause, or the recording
     * @param holds carries it out on the calling thread; whatever it throws is a no
     */
    record Proof(String name, BooleanSupplier holds) {}

    /** In how many of its combinations a clause is carried out. */
    private enum Spread {
        /** In the first in which it is applicable: the others are there for clauses that are not. */
        FIRST,
        /** In each: another implementation stands in each. */
        EACH
    }

    /** Where code of a package is at work. */
    private record Field(String packageName, Spread spread, boolean beside, List<Selection> selections) {
        static Field first(String packageName, Selection... selections) {
            return new Field(packageName, Spread.FIRST, false, List.of(selections));
        }

        static Field each(String packageName, Selection... selections) {
            return new Field(packageName, Spread.EACH, false, List.of(selections));
        }

        /** What is not about devices too, where guests own some. */
        static Field besideDevices(String packageName, Selection... selections) {
            return new Field(packageName, Spread.FIRST, true, List.of(selections));
        }

        Stream<Proof> clauses() {
            Set<Promise> carriedOut = new HashSet<>();
            Catalogue catalogue = beside ? CATALOGUE.withDevicesBeside() : CATALOGUE;
            return selections.stream()
                    .flatMap(selection -> selection.combinations(INSTALLED).stream())
                    .flatMap(combination -> catalogue
                            .promises()
                            .filter(promise ->
                                    promise.notApplicableIn(combination).isEmpty())
                            .filter(promise -> carriedOut.add(promise) || spread == Spread.EACH)
                            .map(promise -> proof(promise, combination, beside)));
        }
    }

    private static final List<Field> FIELDS = List.of(
            Field.each(
                    "grantlab.grant.v1",
                    on("v1", "hvm-pv", "pv-hvm"),
                    on("v1", "pv-pv").with(Member.IOMMU, List.of("identity")),
                    on("v3-tree", "hvm-pv")),
            Field.each(
                    "grantlab.grant.v2",
                    on("v2", "hvm-pv", "pv-hvm"),
                    on("v1-v2", "hvm-pv"),
                    on("v2-v1", "hvm-pv"),
                    on("v3-tree", "hvm-pv")),
            Field.first(
                    "grantlab.grant.tree",
                    on("v3-tree", "hvm-pv"),
                    on("v3-tree-3", "hvm-hvm", "pv-hvm"),
                    on("v3-tree", "hvm-pv").with(Member.SEARCH, List.of("scan")),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("separate-wo")),
                    on("v3-tree", "hvm-pv")
                            .with(Member.TRANSPORT, List.of("virtio-grants"))
                            .with(Member.QUEUE, List.of("split"))),
            Field.first(
                    "grantlab.p2m",
                    on("v1", "hvm-pv"),
                    on("v3-tree", "hvm-hvm"),
                    on("v1", "pv-hvm"),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("shared"))),
            Field.each(
                    "grantlab.iommu",
                    on("v1", "pv-pv").with(Member.IOMMU, List.of("off", "identity")),
                    on("v1", "hvm-hvm").with(Member.IOMMU, List.of("shared", "separate")),
                    on("v3-tree", "pv-pv").with(Member.IOMMU, List.of("identity")),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("shared", "separate-wo")),
                    on("v3-tree", "pv-pv")
                            .with(Member.IOMMU, List.of("identity"))
                            .with(Member.SEARCH, List.of("scan")),
                    on("v3-tree", "hvm-hvm")
                            .with(Member.IOMMU, List.of("separate-wo"))
                            .with(Member.SEARCH, List.of("scan"))),
            Field.first(
                    "grantlab.paging.pv",
                    on("v1", "pv-pv"),
                    on("v3-tree", "pv-pv"),
                    on("v3-tree", "pv-pv").with(Member.SEARCH, List.of("scan")),
                    on("v3-tree", "pv-pv").with(Member.IOMMU, List.of("identity"))),
            Field.first(
                    "grantlab.paging.hvm",
                    on("v1", "hvm-hvm"),
                    on("v3-tree", "hvm-hvm"),
                    on("v3-tree", "hvm-hvm").with(Member.SEARCH, List.of("scan")),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("shared"))),
            Field.first(
                    "grantlab.hypervisor",
                    on("v1", "hvm-pv"),
                    on("v2", "pv-hvm"),
                    on("v3-tree", "hvm-pv"),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("separate-wo")),
                    on("v1-v2", "hvm-pv")),
            // Once more, with the other kind of guest in each place.
            Field.first(
                    "grantlab.hypervisor",
                    on("v1", "pv-pv", "pv-hvm"),
                    on("v2", "hvm-pv"),
                    on("v3-tree", "pv-hvm"),
                    on("v3-tree-3", "hvm-hvm"),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("shared"))),
            // Buses that see machine addresses: what separate tables see is asked once more.
            Field.first(
                    "grantlab.hypervisor",
                    on("v1", "pv-pv").with(Member.IOMMU, List.of("identity")),
                    on("v3-tree", "pv-pv").with(Member.IOMMU, List.of("identity")),
                    on("v3-tree", "hvm-pv").with(Member.SEARCH, List.of("scan"))),
            Field.besideDevices(
                    "grantlab.hypervisor.operation.tree",
                    on("v3-tree", "pv-pv").with(Member.IOMMU, List.of("identity"))));

    private static Selection on(String format, String... pagings) {
        return new Selection(List.of(format), List.of(pagings));
    }

    /** Of what {@code -Dmutate} names. */
    private static List<Field> chosen() {
        String mutated = Objects.requireNonNull(System.getProperty("mutate"), "the property mutate names a package");
        List<Field> fields = FIELDS.stream()
                .filter(field -> (mutated + ".").startsWith(field.packageName() + "."))
                .toList();
        if (fields.isEmpty()) {
            throw new IllegalArgumentException("where " + mutated + " is at work nobody has said; known are "
                    + FIELDS.stream().map(Field::packageName).toList());
        }
        return fields;
    }

    /** All of them, in the same order in each process. */
    static List<Proof> proofs() {
        return Stream.concat(chosen().stream().flatMap(Field::clauses), recordings())
                .toList();
    }

    private static Proof proof(Promise promise, Combination combination, boolean besideDevices) {
        Trial trial = new Trial(promise, combination, Settings.usual(), INSTALLED, SEED);
        String where = besideDevices ? combination.name() + " beside devices" : combination.name();
        return new Proof(where + " " + promise.id(), () -> trial.verdict() == Verdict.PASSED);
    }

    /** What one says is read when it is first asked: a process in which the clauses see every mutant reads none. */
    private static Stream<Proof> recordings() {
        Replayer replayer = new Replayer(Settings.usual(), SHOWN);
        return scripts().map(script -> new Proof(String.valueOf(script.getFileName()), () -> agrees(replayer, script)));
    }

    private static boolean agrees(Replayer replayer, Path script) {
        try {
            Recording recording = Recording.read(script);
            FileReport report = replayer.replay(recording);
            return report.agrees() && report.ops() == recording.answers().size();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that Xen has answered. */
    private static Stream<Path> scripts() {
        try (Stream<Path> files = Files.walk(
                Path.of(Objects.requireNonNull(Recording.class.getResource("/grantlab/recordings/xen-4.17/hello.txt"))
                                .toURI())
                        .resolveSibling("..")
                        .normalize())) {
            return files
                    .filter(file -> file.toString().endsWith(".res"))
                    .map(Killer::script)
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path script(Path answers) {
        String name = String.valueOf(answers.getFileName());
        return answers.resolveSibling(name.substring(0, name.length() - ".res".length()) + ".txt");
    }
}
