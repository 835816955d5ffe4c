package grantlab.benchmark;

import grantlab.hypervisor.guest.Guest;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * v3_map and v3_unmap for reading and writing, with the nodes of the tree in the structure cache. An invocation is
 * {@link #REPETITIONS} times all elements of the shape; shape, paging and batch are one parameter, because not all of them go
 * together.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class LeafBenchmark {
    /** In an invocation. */
    static final int REPETITIONS = 16;

    /** What, how, and how many elements in a hypercall. */
    @Param({
        "pages/hvm/1",
        "pages/hvm/64",
        "pages/pv/1",
        "pages/pv/64",
        "pages_of_run/hvm/1",
        "pages_of_run/hvm/64",
        "run/hvm/1",
        "pages_of_block/hvm/64",
        "block/hvm/1"
    })
    public String what = "";

    @SuppressWarnings("NullAway.Init") // by open
    private Laboratory laboratory;

    @SuppressWarnings("NullAway.Init") // by open
    private LeafMapper mapper;

    /** Builds the machine. */
    @Setup
    public void open() {
        Rehearsal.allShapes();
        String[] words = what.split("/", -1);
        laboratory = new Laboratory(Laboratory.TREE, words[1], words[1]);
        Guest grantee = laboratory.grantee(0, 1);
        mapper = LeafShape.of(words[0]).mapper(laboratory, grantee, Integer.parseInt(words[2]));
    }

    /** Audits it. */
    @TearDown
    public void close() {
        laboratory.close();
    }

    /** Maps and unmaps. */
    @Benchmark
    public void leaves() {
        for (int i = 0; i < REPETITIONS; i++) {
            mapper.run();
        }
    }
}
