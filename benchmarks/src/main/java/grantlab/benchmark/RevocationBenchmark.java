package grantlab.benchmark;

import grantlab.hypervisor.Settings;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One v3_revoke of one leaf, and nothing else: mapping and acknowledging come before and after what is measured. The parameter is how
 * mappings are found, how many of other leaves live, how many the leaf has, the kind of IOMMU, and the
 * grantee's paging.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Benchmark)
public class RevocationBenchmark {
    /** What and beside what. */
    @Param({
        "records/1000/1/off/hvm",
        "records/1000000/1/off/hvm",
        "records/1000/32/off/hvm",
        "records/1000/1024/off/hvm",
        "records/1000/1/separate-wo/hvm",
        "records/1000/32/separate-wo/hvm",
        "records/1000/1024/separate-wo/hvm",
        "records/1000/1/off/pv",
        "records/100000/1/off/pv",
        "records/1000/32/off/pv",
        "records/1000/1024/off/pv",
        "scan/1000/1/off/hvm",
        "scan/100000/1/off/hvm",
        "scan/1000/32/off/hvm",
        "scan/1000/1024/off/hvm",
        "scan/1000/1/off/pv",
        "scan/100000/1/off/pv",
        "scan/1000/32/off/pv",
        "scan/1000/1024/off/pv"
    })
    public String what = Settings.RECORDS;

    @SuppressWarnings("NullAway.Init") // by open
    private Revoking revoking;

    static Revoking of(String what) {
        String[] words = what.split("/", -1);
        return new Revoking(words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3], words[4]);
    }

    /** Builds the machine. */
    @Setup
    public void open() {
        revoking = of(what);
    }

    /** Audits it. */
    @TearDown
    public void close() {
        revoking.close();
    }

    /** Grants and maps. */
    @Setup(Level.Invocation)
    public void map() {
        revoking.map();
    }

    /** Acknowledges. */
    @TearDown(Level.Invocation)
    public void acknowledge() {
        revoking.acknowledge();
    }

    /** Takes back. */
    @Benchmark
    public int revoke() {
        return revoking.revoke();
    }
}
