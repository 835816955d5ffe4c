package grantlab.benchmark;

import grantlab.api.paging.AddressSpace;
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
 * From a guest's address to machine memory, as for the argument of a hypercall: a walk through page tables (PV) or through
 * the guest-physical map (HVM), of 64 pages in turn. An invocation is {@link #WALKS} walks.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class TranslateBenchmark {
    /** Walks in an invocation. */
    static final int WALKS = 1 << 12;

    private static final int PAGES = 64;

    /** Of the domain. */
    @Param({"hvm", "pv"})
    public String paging = "";

    @SuppressWarnings("NullAway.Init") // by open
    private Laboratory laboratory;

    @SuppressWarnings("NullAway.Init") // by open
    private AddressSpace space;

    private final long[] addresses = new long[PAGES];

    /** Builds the machine. */
    @Setup
    public void open() {
        Rehearsal.allPagings();
        laboratory = new Laboratory(Laboratory.V1, paging, paging);
        Guest guest = laboratory.grantee(0, 1);
        space = guest.addressSpace();
        for (int i = 0; i < PAGES; i++) {
            addresses[i] = guest.page(i);
        }
    }

    /** Audits it. */
    @TearDown
    public void close() {
        laboratory.close();
    }

    /** Walks. */
    @Benchmark
    public long walk() {
        long sum = 0;
        for (int i = 0; i < WALKS; i++) {
            sum += space.argument(addresses[i % PAGES], true);
        }
        return sum;
    }
}
