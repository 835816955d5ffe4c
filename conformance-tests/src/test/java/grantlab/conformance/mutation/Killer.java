package grantlab.conformance.mutation;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.conformance.Catalogue;
import grantlab.conformance.Combination;
import grantlab.conformance.Member;
import grantlab.conformance.Selection;
import grantlab.conformance.Trial;
import grantlab.conformance.Verdict;
import grantlab.conformance.replay.FileReport;
import grantlab.conformance.replay.Recording;
import grantlab.conformance.replay.Recordings;
import grantlab.conformance.replay.Replayer;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The kit as PIT sees it: a test for each clause in each of a few combinations in which the mutated code does its work, and one for each
 * recording of Xen. {@code mvn -Pmutation} runs it (docs/mutants.md), no other build does.
 */
class Killer {
    private static final long SEED = 1;
    private static final int SHOWN = 1;

    private static final Installed INSTALLED = Installed.find();
    private static final Catalogue CATALOGUE = Catalogue.installed();

    /** Where code of a package is at work. */
    private record Field(String packageName, List<Selection> selections) {
        static Field of(String packageName, Selection... selections) {
            return new Field(packageName, List.of(selections));
        }

        Stream<Combination> combinations() {
            return selections.stream().flatMap(selection -> selection.combinations(INSTALLED).stream());
        }
    }

    private static final List<Field> FIELDS = List.of(
            Field.of(
                    "grantlab.grant.v1",
                    on("v1", "hvm-pv", "pv-hvm"),
                    on("v1", "pv-pv").with(Member.IOMMU, List.of("identity"))),
            Field.of("grantlab.grant.v2", on("v2", "hvm-pv", "pv-hvm"), on("v1-v2", "hvm-pv")),
            Field.of(
                    "grantlab.grant.tree",
                    on("v3-tree", "hvm-pv"),
                    on("v3-tree-3", "pv-hvm"),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("separate-wo"))),
            Field.of("grantlab.p2m", on("v1", "hvm-pv", "pv-hvm"), on("v3-tree", "hvm-hvm")),
            Field.of(
                    "grantlab.iommu",
                    on("v1", "pv-pv").with(Member.IOMMU, List.of("off", "identity")),
                    on("v1", "hvm-hvm").with(Member.IOMMU, List.of("shared", "separate")),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("separate-wo"))),
            Field.of("grantlab.paging.pv", on("v1", "pv-pv"), on("v3-tree", "pv-pv")),
            Field.of("grantlab.paging.hvm", on("v1", "hvm-hvm"), on("v3-tree", "hvm-hvm")),
            Field.of(
                    "grantlab.hypervisor",
                    on("v1", "hvm-pv"),
                    on("v2", "pv-hvm"),
                    on("v3-tree", "hvm-pv"),
                    on("v3-tree", "hvm-hvm").with(Member.IOMMU, List.of("separate-wo"))));

    private static Selection on(String format, String... pagings) {
        return new Selection(List.of(format), List.of(pagings));
    }

    /** Of what {@code -Dmutate} names. */
    private static Field chosen() {
        String mutated = Objects.requireNonNull(System.getProperty("mutate"), "the property mutate names a package");
        return FIELDS.stream()
                .filter(field -> (mutated + ".").startsWith(field.packageName() + "."))
                .findFirst()
                .orElseThrow();
    }

    @TestFactory
    Stream<DynamicTest> clauses() {
        return chosen().combinations().flatMap(Killer::clauses);
    }

    private static Stream<DynamicTest> clauses(Combination combination) {
        return CATALOGUE
                .promises()
                .filter(promise -> promise.notApplicableIn(combination).isEmpty())
                .map(promise -> DynamicTest.dynamicTest(
                        combination.name() + " " + promise.id(),
                        () -> assertThat(new Trial(promise, combination, Settings.usual(), INSTALLED, SEED)
                                        .run()
                                        .verdict())
                                .isEqualTo(Verdict.PASSED)));
    }

    @TestFactory
    Stream<DynamicTest> recordings() {
        Replayer replayer = new Replayer(Settings.usual(), SHOWN);
        return Recorded.ALL.stream()
                .map(recording -> DynamicTest.dynamicTest(recording.toString(), () -> {
                    FileReport report = replayer.replay(recording);
                    assertThat(report.agrees()).isTrue();
                    assertThat(report.ops()).isEqualTo(recording.answers().size());
                }));
    }

    /** Read once: PIT asks for the tests again before each. */
    private static final class Recorded {
        private static final List<Recording> ALL = read();

        private static List<Recording> read() {
            try {
                return Recordings.in(Path.of(Objects.requireNonNull(
                                        Recording.class.getResource("/grantlab/recordings/xen-4.17/hello.txt"))
                                .toURI())
                        .resolveSibling("..")
                        .normalize());
            } catch (IOException | URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
