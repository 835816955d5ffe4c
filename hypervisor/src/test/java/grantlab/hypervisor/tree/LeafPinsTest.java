package grantlab.hypervisor.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import org.junit.jupiter.api.Test;

/** The pin word (grant-v3.md, section 6 and MAP-28). */
class LeafPinsTest {
    private static final long MOST = (1L << 28) - 1;

    private static long uses(long readers, long writers) {
        return LeafPins.fresh()
                + readers * LeafPins.increment(Access.READ)
                + writers * LeafPins.increment(Access.READ | Access.WRITE);
    }

    /** Each of the uses that write may come to read only, and still be counted. */
    @Test
    void isFullWhenBothTogetherAre() {
        assertThat(LeafPins.full(uses(MOST, 0))).isTrue();
        assertThat(LeafPins.full(uses(0, MOST))).isTrue();
        assertThat(LeafPins.full(uses(MOST - 5, 5))).isTrue();
        assertThat(LeafPins.full(uses(MOST - 5, 4))).isFalse();
    }

    @Test
    void aWriterBecomesAReader() {
        long word = LeafPins.downgraded(uses(MOST - 5, 5));
        assertThat(LeafPins.readers(word)).isEqualTo(MOST - 4);
        assertThat(LeafPins.writers(word)).isEqualTo(4);
        assertThat(LeafPins.state(word)).isEqualTo(LeafPins.LIVE);
        assertThat(LeafPins.inUse(LeafPins.downgraded(uses(0, 1)))).isEqualTo(Access.READ);
    }
}
