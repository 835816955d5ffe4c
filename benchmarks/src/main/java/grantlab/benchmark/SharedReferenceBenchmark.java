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
 * Map and unmap of one reference and no other, by one vCPU of the grantee or by two at the same time. An invocation is
 * {@link Mapping#PAIRS} pairs by each.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class SharedReferenceBenchmark {
    /** Of both domains. */
    @Param({"hvm", "pv"})
    public String paging = "";

    /** How many vCPUs of the grantee. */
    @Param({"1", "2"})
    public int threads;

    @SuppressWarnings("NullAway.Init") // by open
    private Mapping mapping;

    /** Builds the machine. */
    @Setup
    public void open() {
        mapping = Mapping.ofOneReference(paging, threads);
    }

    /** Audits it. */
    @TearDown
    public void close() {
        mapping.close();
    }

    /** Maps and unmaps. */
    @Benchmark
    public void sameReference() {
        mapping.run();
    }
}
