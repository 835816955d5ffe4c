package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** What machines have where the operating system has no files in memory. */
class MappedFileTest {
    private static final long SIZE = 1L << 30;

    @Test
    void aTemporaryOneIsZeroAndNobodyElsesAndEnds() throws IOException {
        MappedFile one = MappedFile.temporary(SIZE);
        try (MappedFile other = MappedFile.temporary(SIZE)) {
            one.bytes().set(ValueLayout.JAVA_LONG, SIZE - Long.BYTES, 1);
            assertThat(other.bytes().byteSize()).isEqualTo(SIZE);
            assertThat(other.bytes().get(ValueLayout.JAVA_LONG, SIZE - Long.BYTES))
                    .isZero();
        }
        assertThat(one.bytes().get(ValueLayout.JAVA_LONG, SIZE - Long.BYTES)).isOne();
        one.close();
        assertThat(one.bytes().scope().isAlive()).isFalse();
    }
}
