package grantlab.benchmark;

import grantlab.api.transport.Endpoint;
import java.util.List;
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

/** Writes of 4 KiB to a virtio block device over each transport. An invocation is a round of {@link #depth} requests. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class BlockBenchmark {
    private static final int REHEARSED = 2_000;

    /** Requests in flight when there are many. */
    static final int MANY = 16;

    /** The way, and how buffers are handed over. */
    @Param({
        "virtio-grants/STREAMING",
        "virtio-grants/POOL",
        "virtio-grants/COPY",
        "virtio-shared-table/STREAMING",
        "virtio-shared-table/POOL",
        "virtio-iommu/STREAMING",
        "virtio-iommu/POOL",
        "virtio-iommu-lazy/STREAMING"
    })
    public String way = "";

    /** Requests in flight. */
    @Param({"1", "" + MANY})
    public int depth;

    /** What an exit costs, in nanoseconds of busy waiting. */
    @Param({"0", "1000"})
    public int exit;

    @SuppressWarnings("NullAway.Init") // by open
    private BlockLaboratory laboratory;

    /** What the transport of a way is called. */
    static String transport(String way) {
        return way.substring(0, way.indexOf('/'));
    }

    /** How buffers are handed over. */
    static Endpoint.Mode mode(String way) {
        return Endpoint.Mode.valueOf(way.substring(way.indexOf('/') + 1));
    }

    /** Builds the machine, after the others were used: the compiler knows all transports. */
    @Setup
    public void open() {
        for (String other : List.of("virtio-grants/STREAMING", "virtio-shared-table/POOL", "virtio-iommu/STREAMING")) {
            try (BlockLaboratory rehearsal = new BlockLaboratory(transport(other), mode(other), depth, 0)) {
                for (int n = 0; n < REHEARSED; n++) {
                    rehearsal.round();
                }
            }
        }
        laboratory = new BlockLaboratory(transport(way), mode(way), depth, exit);
    }

    /** Audits it. */
    @TearDown
    public void close() {
        laboratory.close();
    }

    /** Writes. */
    @Benchmark
    public void write() {
        laboratory.round();
    }
}
