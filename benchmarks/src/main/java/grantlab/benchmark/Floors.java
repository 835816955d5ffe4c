package grantlab.benchmark;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What the hardware takes for what a grant table cannot do without: the measure of all other benchmarks. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Floors {
    /** Compare-and-sets in an invocation, by each thread. */
    static final int EXCHANGES = 1 << 14;

    /** Copies in an invocation. */
    static final int COPIES = 1 << 10;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int WORD = 32;
    private static final int FAR_WORD = 96;
    private static final int ALL_WORDS = 128;

    private static final int PAGE = 4096;
    private static final int PAGES = 64;

    /** A word of one thread. */
    @State(Scope.Benchmark)
    public static class Alone {
        private final long[] words = new long[ALL_WORDS];
    }

    /** Two words on cache lines far apart, one for each thread. */
    @State(Scope.Benchmark)
    public static class Apart {
        private final long[] words = new long[ALL_WORDS];
        private final Partner partner = new Partner(() -> exchange(words, FAR_WORD));

        /** Ends the other thread. */
        @TearDown
        public void close() {
            partner.close();
        }
    }

    /** One word for both threads. */
    @State(Scope.Benchmark)
    public static class Contended {
        private final long[] words = new long[ALL_WORDS];
        private final Partner partner = new Partner(() -> exchange(words, WORD));

        /** Ends the other thread. */
        @TearDown
        public void close() {
            partner.close();
        }
    }

    /** Pages outside of the heap, to copy from and to copy to, in turn. */
    @State(Scope.Benchmark)
    public static class Pages {
        /** Bytes. */
        @Param({"64", "512", "4096"})
        public int length;

        private final Arena arena = Arena.ofShared();
        private final MemorySegment from = pages(arena, (byte) 1);
        private final MemorySegment to = pages(arena, (byte) 2);

        private static MemorySegment pages(Arena arena, byte value) {
            return arena.allocate((long) PAGES * PAGE, PAGE).fill(value);
        }

        /** Lets the memory go. */
        @TearDown
        public void close() {
            arena.close();
        }
    }

    private static void exchange(long[] words, int index) {
        for (int i = 0; i < EXCHANGES; i++) {
            long seen = (long) WORDS.getOpaque(words, index);
            while (!WORDS.compareAndSet(words, index, seen, seen + 1)) {
                seen = (long) WORDS.getOpaque(words, index);
            }
        }
    }

    /** One thread. */
    @Benchmark
    public void compareAndSet(Alone alone) {
        exchange(alone.words, WORD);
    }

    /** Two threads that have nothing to do with each other. */
    @Benchmark
    public void compareAndSetApart(Apart apart) {
        apart.partner.together(() -> exchange(apart.words, WORD));
    }

    /** Two threads, one word. */
    @Benchmark
    public void compareAndSetContended(Contended contended) {
        contended.partner.together(() -> exchange(contended.words, WORD));
    }

    /** A plain copy between pages. */
    @Benchmark
    public void memcpy(Pages pages) {
        for (int i = 0; i < COPIES; i++) {
            long page = (long) (i % PAGES) * PAGE;
            MemorySegment.copy(pages.from, page, pages.to, page, pages.length);
        }
    }
}
