package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.paging.PagingModeProvider;
import grantlab.conformance.fuzz.audit.Finding;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A campaign finds machines that are broken, and shows each fault in a few lines. */
class SabotageTest {
    private static final int A_FEW_LINES = 12;

    /** With these it does not take long. */
    private static final long SEED = 3;

    private static final long OTHER_SEED = 4;

    @TempDir
    private Path directory;

    private Culprit found(long seed, Installed installed, Mode mode, String... memories) throws IOException {
        CampaignPlan plan = new CampaignPlan(seed, 100_000, 500, List.of(mode), 1, Duration.ZERO, 1);
        Examination examination = new Examination(Settings.usual(), installed, Combination.of(List.of(memories)), null);
        CampaignResult result = new Campaign(plan, examination, new Generator(Audience.OURS)).run(operations -> {});
        assertThat(result.culprits()).hasSize(1);
        Culprit culprit = result.culprits().getFirst();
        assertThat(culprit.least().lines()).hasSizeLessThanOrEqualTo(A_FEW_LINES);
        assertThat(culprit.script().length()).isGreaterThan(20 * culprit.least().length());
        return culprit;
    }

    @Test
    void aReferenceThatIsNotDroppedIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(MemoryProvider.class, Sabotage.ForgetfulBooks.class, directory),
                Mode.PV1,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Finding.FRAMES);
    }

    @Test
    void aMarkThatStaysIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(GrantFormatProvider.class, Sabotage.StainedV1.class, directory),
                Mode.PVH1,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Finding.MARKS);
        assertThat(culprit.least()).contains("ref=");
    }

    @Test
    void aMarkThatStaysInALeafIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(GrantFormatProvider.class, Sabotage.StainedTree.class, directory),
                Mode.PV3,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Finding.MARKS);
        assertThat(culprit.least()).contains("v3_map");
    }

    @Test
    void aNodeThatIsNotForgottenIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(GrantFormatProvider.class, Sabotage.NostalgicTree.class, directory),
                Mode.PVH3,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Finding.MARKS);
        assertThat(culprit.least()).contains("v3_invalidate");
    }

    @Test
    void aPlaceThatStaysMappedIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(PagingModeProvider.class, Sabotage.StickyPv.class, directory),
                Mode.PV1,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Finding.FRAMES);
        assertThat(culprit.least()).contains("unmap");
    }

    @Test
    void aMachineThatFallsOverIsFound() throws IOException {
        Culprit culprit = found(
                SEED,
                Sabotage.installed(PagingModeProvider.class, Sabotage.FragilePv.class, directory),
                Mode.PV1,
                "on-heap");
        assertThat(culprit.discovery().rule()).isEqualTo("IllegalStateException");
        assertThat(culprit.discovery().operation()).contains("replace");
        assertThat(culprit.discovery().message()).contains("fragile");
    }

    @Test
    void anAnswerThatDiffersIsFound() throws IOException {
        Culprit culprit = found(
                OTHER_SEED,
                Sabotage.installed(MemoryProvider.class, Sabotage.ShortCopies.class, directory),
                Mode.PV1,
                "on-heap",
                "off-heap");
        assertThat(culprit.discovery().rule()).isEqualTo(Discovery.ANSWERS);
        assertThat(culprit.least()).contains("copy");
    }
}
