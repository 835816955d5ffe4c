package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LeafWordTest {
    private static final int READ_WRITE = Access.READ | Access.WRITE;

    @Test
    void bitsAreWhereTheSpecificationPutsThem() {
        assertThat(LeafWord.TYPE).isEqualTo(0b11);
        assertThat(LeafWord.W).isEqualTo(1L << 2);
        assertThat(LeafWord.DEV).isEqualTo(1L << 3);
        assertThat(LeafWord.COPY_ONLY).isEqualTo(1L << 4);
        assertThat(LeafWord.NOTIFY).isEqualTo(1L << 5);
        assertThat(LeafWord.ATTACHED).isEqualTo(1L << 6);
        assertThat(LeafWord.MAPPED_R).isEqualTo(1L << 9);
        assertThat(LeafWord.MAPPED_W).isEqualTo(1L << 10);
        assertThat(LeafWord.W_SEEN).isEqualTo(1L << 11);
        assertThat(LeafWord.FRAME).isEqualTo((1L << 52) - (1L << 12));
        assertThat(LeafWord.SW).isEqualTo((1L << 59) - (1L << 52));
        assertThat(LeafWord.GEN).isEqualTo((1L << 63) - (1L << 59));
        assertThat(LeafWord.EXTENSION).isEqualTo(1L << 63);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0", // empty: only TYPE is looked at
        "1, 0x8000000000000ff0", // table: 63 and 11:4
        "2, 0x80000000000001c0", // leaf: 63 and 8:6
        "3, 0", // tombstone
    })
    void reservedBitsDependOnTheType(long type, String zeros) {
        long zero = Long.decode(zeros.replace("0x8", "0x0")) | (zeros.startsWith("0x8") ? 1L << 63 : 0);
        if (type == LeafWord.TABLE) {
            zero |= 0xfL << 59;
        }
        for (int bit = 2; bit < 64; bit++) {
            long word = type | 1L << bit;
            assertThat(LeafWord.isSound(word))
                    .as("bit %d of type %d", bit, type)
                    .isEqualTo((zero & 1L << bit) == 0);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // word: W DEV COPY_ONLY; masks: W DEV; what it gives: write, host, device
        "1, 1, 0, 1, 1, 1, 1, 1",
        "0, 1, 0, 1, 1, 0, 1, 1",
        "1, 0, 0, 1, 1, 1, 1, 0",
        "1, 1, 0, 0, 1, 0, 1, 1",
        "1, 1, 0, 1, 0, 1, 1, 0",
        "1, 1, 1, 1, 1, 1, 0, 0",
        "0, 0, 1, 0, 0, 0, 0, 0",
    })
    void rightsAreThoseOfTheLeafUnderTheMasks(
            int w, int dev, int copyOnly, int maskW, int maskDev, int write, int host, int device) {
        long word = LeafWord.LEAF | (long) w << 2 | (long) dev << 3 | (long) copyOnly << 4;
        long masks = (long) maskW << 2 | (long) maskDev << 3;
        int expected = Access.READ | Access.COPY | write << 1 | host << 2 | device << 3;
        assertThat(LeafWord.rights(word, masks)).isEqualTo(expected);
    }

    @Test
    void whatIsAskedMustBeAmongTheRights() {
        int copyOnly = LeafWord.rights(LeafWord.LEAF | LeafWord.W | LeafWord.COPY_ONLY, -1);
        assertThat(LeafWord.permits(copyOnly, READ_WRITE | Access.COPY)).isTrue();
        assertThat(LeafWord.permits(copyOnly, Access.READ | Access.HOST)).isFalse();
        assertThat(LeafWord.permits(copyOnly, Access.READ | Access.DEVICE)).isFalse();
        int readOnly = LeafWord.rights(LeafWord.LEAF, -1);
        assertThat(LeafWord.permits(readOnly, Access.READ | Access.HOST)).isTrue();
        assertThat(LeafWord.permits(readOnly, READ_WRITE | Access.HOST)).isFalse();
    }

    @Test
    void aGrantIsFrameAndGenerationOfALeafOrOfItsTombstone() {
        long leaf = LeafWord.granted(0, 0x1234, READ_WRITE);
        long grant = LeafWord.grant(leaf);
        assertThat(LeafWord.isOf(leaf, grant)).isTrue();
        assertThat(LeafWord.isOf(LeafWord.closed(leaf), grant)).isTrue();
        assertThat(LeafWord.isOf(leaf ^ (LeafWord.W | LeafWord.NOTIFY | LeafWord.SW | LeafWord.W_SEEN), grant))
                .isTrue();
        assertThat(LeafWord.isOf(leaf ^ 1L << 12, grant)).isFalse();
        assertThat(LeafWord.isOf(leaf ^ 1L << 62, grant)).isFalse();
        assertThat(LeafWord.isOf(LeafWord.emptied(leaf), grant)).isFalse();
        assertThat(LeafWord.isOf((leaf & ~3L) | LeafWord.TABLE, grant)).isFalse();
    }

    @Test
    void writingIsMarkedWithThreeBits() {
        assertThat(LeafWord.marked(LeafWord.LEAF, Access.READ)).isEqualTo(LeafWord.LEAF | 1 << 9);
        assertThat(LeafWord.marked(LeafWord.LEAF, READ_WRITE)).isEqualTo(LeafWord.LEAF | 7 << 9);
    }

    @Test
    void whoEndsWritingLeavesTheTraceOfIt() {
        long written = LeafWord.LEAF | LeafWord.MAPPED;
        assertThat(LeafWord.unmarked(written, LeafWord.MAPPED_W))
                .isEqualTo(LeafWord.LEAF | LeafWord.MAPPED_R | LeafWord.W_SEEN);
        assertThat(LeafWord.unmarked(written, LeafWord.MAPPED)).isEqualTo(LeafWord.LEAF | LeafWord.W_SEEN);
        assertThat(LeafWord.unmarked(written, LeafWord.MAPPED_R)).isEqualTo(LeafWord.LEAF | LeafWord.MAPPED_W);
        assertThat(LeafWord.unmarked(LeafWord.LEAF | LeafWord.MAPPED_R, LeafWord.MAPPED))
                .isEqualTo(LeafWord.LEAF);
    }

    @Test
    void synchronisedMarksAreThoseOfTheUses() {
        assertThat(LeafWord.synchronised(LeafWord.LEAF | LeafWord.MAPPED, 0))
                .isEqualTo(LeafWord.LEAF | LeafWord.W_SEEN);
        assertThat(LeafWord.synchronised(LeafWord.LEAF | LeafWord.MAPPED_R, 0)).isEqualTo(LeafWord.LEAF);
        assertThat(LeafWord.synchronised(LeafWord.LEAF, LeafWord.MAPPED))
                .isEqualTo(LeafWord.LEAF | LeafWord.MAPPED | LeafWord.W_SEEN);
        assertThat(LeafWord.synchronised(LeafWord.LEAF, LeafWord.MAPPED_R))
                .isEqualTo(LeafWord.LEAF | LeafWord.MAPPED_R);
    }

    @Test
    void attachedIsFreeAndNotVacant() {
        long tombstone = LeafWord.TOMBSTONE | LeafWord.MAPPED_R;
        assertThat(LeafWord.isInUse(tombstone)).isTrue();
        assertThat(LeafWord.attached(tombstone)).isEqualTo(LeafWord.TOMBSTONE | LeafWord.ATTACHED);
        assertThat(LeafWord.isInUse(LeafWord.attached(tombstone))).isFalse();
        assertThat(LeafWord.isVacant(LeafWord.attached(tombstone))).isFalse();
        assertThat(LeafWord.isVacant(LeafWord.TOMBSTONE)).isTrue();
        assertThat(LeafWord.isVacant(LeafWord.EMPTY | LeafWord.GEN | LeafWord.SW))
                .isTrue();
        assertThat(LeafWord.isVacant(LeafWord.LEAF)).isFalse();
        assertThat(LeafWord.isVacant(LeafWord.TABLE)).isFalse();
    }

    @Test
    void theGenerationGoesOnThroughEmptyAndWraps() {
        long word = 0x35L << 52;
        for (int grant = 1; grant <= 33; grant++) {
            word = LeafWord.granted(word, 7, Access.READ);
            assertThat((word & LeafWord.GEN) >>> 59).isEqualTo(grant % 16);
            assertThat(word & LeafWord.SW).as("the guest's own bits").isEqualTo(0x35L << 52);
            assertThat(word).isNotNegative();
            word = LeafWord.emptied(word | LeafWord.W_SEEN);
            assertThat(word & ~(LeafWord.GEN | LeafWord.SW)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 0xff_ffff_ffffL})
    void framesHaveFortyBits(long frame) {
        assertThat(LeafWord.frame(LeafWord.granted(0, frame, Access.READ))).isEqualTo(frame);
        assertThat(LeafWord.frame(LeafWord.table(frame))).isEqualTo(frame);
        assertThat(LeafWord.isSound(LeafWord.table(frame))).isTrue();
        assertThat(LeafWord.isSound(LeafWord.granted(0, frame, READ_WRITE))).isTrue();
    }
}
