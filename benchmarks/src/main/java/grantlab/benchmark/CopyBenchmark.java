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

/** GNTTABOP_copy from 64 granted pages in turn to as many of the caller's own. An invocation is {@link #COPIES} copies. */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class CopyBenchmark {
    /** Elements in an invocation. */
    static final int COPIES = 1 << 10;

    /** Bytes of an element. */
    @Param({"64", "512", "4096"})
    public int length;

    /** Elements in a hypercall. */
    @Param({"1", "64"})
    public int batch;

    @SuppressWarnings("NullAway.Init") // by open
    private Laboratory laboratory;

    @SuppressWarnings("NullAway.Init") // by open
    private Copier copier;

    /** Builds the machine. */
    @Setup
    public void open() {
        Rehearsal.allPagings();
        laboratory = new Laboratory(Laboratory.V1, "hvm", "hvm");
        Guest grantee = laboratory.grantee(0, 1);
        laboratory.grant(Laboratory.FIRST_REFERENCE, Copier.REFERENCES, 0, Copier.REFERENCES, grantee);
        copier = new Copier(laboratory, grantee, Laboratory.FIRST_REFERENCE, length, batch);
    }

    /** Audits it. */
    @TearDown
    public void close() {
        laboratory.close();
    }

    /** Copies. */
    @Benchmark
    public void copy() {
        copier.run(COPIES);
    }
}
