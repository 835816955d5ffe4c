package grantlab.p2m.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;

/** RAM that goes from one machine to the next. */
@EnabledOnOs(OS.LINUX)
@Isolated("all of a process share what is spare, and only so many are kept")
class SpareRamTest {
    private static final long PAGE = 4096;
    private static final long PAGES = 12_345;
    private static final long SIZE = PAGES * PAGE;

    /** Fewer than make one give it back. */
    private static final long PLACES = 300;

    @RepeatedTest(50)
    void whatAMachineWroteIsNotFoundInTheNext(RepetitionInfo repetition) throws IOException {
        RandomGenerator random = new SplittableRandom(repetition.getCurrentRepetition());
        List<Long> written = pages(random, 40);
        long address;
        try (SpareRam ram = SpareRam.of(SIZE)) {
            address = ram.bytes().address();
            written.forEach(page -> fill(ram.bytes(), page));
            pages(random, 10).forEach(page -> ram.bytes().get(ValueLayout.JAVA_BYTE, page * PAGE));
        }
        try (SpareRam next = SpareRam.of(SIZE)) {
            assertThat(next.bytes().address()).isEqualTo(address);
            assertThat(written).allMatch(page -> isZero(next.bytes(), page));
        }
    }

    private static List<Long> pages(RandomGenerator random, int most) {
        return random.longs(random.nextInt(most), 0, PLACES)
                .map(place -> place * (PAGES / PLACES))
                .boxed()
                .toList();
    }

    private static void fill(MemorySegment bytes, long page) {
        bytes.asSlice(page * PAGE, PAGE).fill((byte) -1);
    }

    private static boolean isZero(MemorySegment bytes, long page) {
        return bytes.asSlice(page * PAGE, PAGE).mismatch(MemorySegment.ofArray(new byte[(int) PAGE])) < 0;
    }

    @Test
    void twoMachinesAtATimeShareNothing() throws IOException {
        try (SpareRam one = SpareRam.of(SIZE + PAGE);
                SpareRam other = SpareRam.of(SIZE + PAGE)) {
            fill(one.bytes(), 3);
            assertThat(isZero(other.bytes(), 3)).isTrue();
        }
    }

    @Test
    void ofOneThatWroteMuchNothingIsFoundEither() throws IOException {
        long pages = 10_000;
        try (SpareRam ram = SpareRam.of(pages * PAGE)) {
            ram.bytes().fill((byte) 1);
        }
        try (SpareRam next = SpareRam.of(pages * PAGE)) {
            assertThat(isZero(next.bytes(), 0)).isTrue();
            assertThat(isZero(next.bytes(), pages - 1)).isTrue();
        }
    }

    @Test
    void ofManyAFewAreKept() throws IOException {
        long size = SIZE + 2 * PAGE;
        List<SpareRam> many =
                List.of(SpareRam.of(size), SpareRam.of(size), SpareRam.of(size), SpareRam.of(size), SpareRam.of(size));
        many.forEach(ram -> fill(ram.bytes(), 7));
        many.forEach(SpareRam::close);
        assertThat(many.getFirst().bytes().scope().isAlive()).isFalse();
        assertThat(many.stream().skip(1)).allMatch(ram -> ram.bytes().scope().isAlive());
    }
}
