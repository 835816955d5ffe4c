package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.memory.MemoryProvider;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A campaign of a few thousand operations finds nothing, and says truly what it did. */
class CampaignTest {
    /** More of them where coverage is measured. */
    private static final int OPERATIONS = Integer.getInteger("test.fuzz.operations", 3000);

    private final Installed installed = Installed.find();

    @TempDir
    private Path directory;

    private CampaignResult run(CampaignPlan plan, AtomicLong progress, Judge judge) throws IOException {
        List<Combination> combinations = Combination.of(List.of("on-heap", "off-heap", "checked"));
        Examination examination = new Examination(Settings.usual(), installed, combinations, judge);
        return new Campaign(plan, examination, new Generator(Audience.OURS)).run(progress::addAndGet);
    }

    @Test
    void shouldFindNothing() throws IOException {
        AtomicLong progress = new AtomicLong();
        CampaignPlan plan = new CampaignPlan(20, OPERATIONS, 500, Mode.all(), 2, Duration.ZERO, 3);
        CampaignResult result = run(plan, progress, null);
        assertThat(result.culprits()).isEmpty();
        assertThat(result.clean()).isTrue();
        assertThat(result.scripts()).isEqualTo(plan.scripts());
        assertThat(result.operations()).isGreaterThan(OPERATIONS).isEqualTo(progress.get());
        assertThat(result.rate()).isPositive();
        assertThat(result.reached().get("map"))
                .containsKeys("rc=0 status=0", "rc=0 status=-1", "rc=0 status=-2", "rc=0 status=-3", "rc=0 status=-9");
        long counted = result.reached().values().stream()
                .flatMap(outcomes -> outcomes.values().stream())
                .mapToLong(Long::longValue)
                .sum();
        assertThat(counted).isLessThanOrEqualTo(result.operations()).isGreaterThan(OPERATIONS);
    }

    @Test
    void shouldDoTheSameWhateverTheThreads() throws IOException {
        CampaignResult one =
                run(new CampaignPlan(7, 2000, 500, List.of(Mode.PVHMIX), 1, Duration.ZERO, 1), new AtomicLong(), null);
        CampaignResult two =
                run(new CampaignPlan(7, 2000, 500, List.of(Mode.PVHMIX), 2, Duration.ZERO, 1), new AtomicLong(), null);
        assertThat(two.reached()).isEqualTo(one.reached());
    }

    @Test
    void shouldEndInTime() throws IOException {
        CampaignPlan plan = new CampaignPlan(7, 1_000_000_000, 200, Mode.all(), 1, Duration.ofSeconds(1), 1);
        assertThat(run(plan, new AtomicLong(), null).scripts()).isPositive().isLessThan(10_000);
    }

    @Test
    void shouldFindWhatAJudgeAnswersOtherwise() throws IOException {
        Judge judge = (name, script) -> Optional.of(Map.of());
        CampaignPlan plan = new CampaignPlan(7, 100, 100, List.of(Mode.PV1), 1, Duration.ZERO, 1);
        CampaignResult result = run(plan, new AtomicLong(), judge);
        assertThat(result.culprits()).hasSize(1);
        assertThat(result.culprits().getFirst().discovery().rule()).isEqualTo(Discovery.XEN);
        assertThat(result.culprits().getFirst().least().lines()).hasSize(1);
    }

    @Test
    void shouldLeaveScriptAndNote() throws IOException {
        Installed broken = Sabotage.installed(MemoryProvider.class, Sabotage.ForgetfulBooks.class, directory);
        CampaignPlan plan = new CampaignPlan(2, 1000, 500, List.of(Mode.PV1), 1, Duration.ZERO, 1);
        CampaignResult result = new Campaign(
                        plan,
                        new Examination(Settings.usual(), broken, Combination.of(List.of("on-heap")), null),
                        new Generator(Audience.OURS))
                .run(operations -> {});
        List<Path> saved = Souvenirs.save(result.culprits(), directory.resolve("saved"));
        Culprit culprit = result.culprits().getFirst();
        assertThat(saved).hasSize(1);
        assertThat(saved.getFirst()).hasContent(culprit.least().strip());
        assertThat(Files.readString(directory.resolve("saved").resolve(culprit.name() + ".note")))
                .contains("seed " + culprit.seed(), culprit.discovery().message(), "grantlab fuzz --script");
        assertThat(directory.resolve("saved").resolve(culprit.name() + ".full.txt"))
                .hasContent(culprit.script().strip());
    }
}
