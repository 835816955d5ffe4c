package grantlab.benchmark;

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
 * GNTTABOP_map_grant_ref and GNTTABOP_unmap_grant_ref of a page for reading and writing: 64 references in turn. An
 * invocation is {@link Mapping#PAIRS} pairs by each thread.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class MapUnmapBenchmark {
    /** Of all domains. */
    @Param({"hvm", "pv"})
    public String paging = "";

    /** How many grantees at the same time, each with references of its own. */
    @Param({"1", "2"})
    public int threads;

    /** Elements in a hypercall. */
    @Param({"1", "64"})
    public int batch;

    @SuppressWarnings("NullAway.Init") // by open
    private Mapping mapping;

    /** Builds the machine. */
    @Setup
    public void open() {
        mapping = Mapping.ofDifferentReferences(paging, threads, batch);
    }

    /** Audits it. */
    @TearDown
    public void close() {
        mapping.close();
    }

    /** Maps and unmaps. */
    @Benchmark
    public void differentReferences() {
        mapping.run();
    }
}
