package grantlab.conformance.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Scripts become as small as what they show allows. */
class ShrinkerTest {
    private static final int PATIENCE = 2000;

    private static String lines(int count) {
        StringBuilder text = new StringBuilder("# a remark\n");
        for (int n = 0; n < count; n++) {
            text.append("rd addr=p0+").append(n * 8).append('\n');
        }
        return text.toString();
    }

    @Test
    void shouldKeepWhatIsNeeded() throws IOException {
        String script = lines(100) + "create dom=d1 type=pv\n" + lines(200) + "destroy dom=d1\n" + lines(50);
        Shrinker shrinker =
                new Shrinker(text -> text.contains("create dom=d1") && text.contains("destroy dom=d1"), PATIENCE);
        assertThat(shrinker.shrink(script)).isEqualTo("create dom=d1\ndestroy dom=d1\n");
    }

    @Test
    void shouldKeepTheOrder() throws IOException {
        String script = "wr addr=p1 val=1\nrd addr=p1\nwr addr=p1 val=2\nrd addr=p1\n";
        Shrinker shrinker = new Shrinker(text -> text.matches("(?s).*val=1.*rd.*val=2.*"), PATIENCE);
        assertThat(shrinker.shrink(script)).isEqualTo("wr val=1\nrd\nwr val=2\n");
    }

    @Test
    void shouldTakeBatchesApart() throws IOException {
        String script = lines(20) + "batch n=3 count=2\nswap a=1 b=2\nswap a=3 b=4\nswap a=5 b=6\n" + lines(20);
        Shrinker together = new Shrinker(text -> text.contains("batch") && text.contains("a=3"), PATIENCE);
        assertThat(together.shrink(script)).isEqualTo("batch n=1 count=2\nswap a=3\n");
        Shrinker alone = new Shrinker(text -> text.contains("a=3"), PATIENCE);
        assertThat(alone.shrink(script)).isEqualTo("swap a=3\n");
    }

    @Test
    void shouldKeepOptionsOfXensThatMatter() throws IOException {
        String script = "#!xen gnttab_max_frames=2\n" + lines(10) + "setup nr=3\n";
        Shrinker shrinker = new Shrinker(text -> text.contains("#!xen") && text.contains("setup"), PATIENCE);
        assertThat(shrinker.shrink(script)).isEqualTo("#!xen\nsetup\n");
    }

    @Test
    void shouldGiveUpWhenItsPatienceEnds() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        Shrinker shrinker = new Shrinker(
                text -> {
                    tries.incrementAndGet();
                    return false;
                },
                50);
        assertThat(shrinker.shrink(lines(500)).lines()).hasSize(500);
        assertThat(tries).hasValueLessThanOrEqualTo(52);
    }
}
