package grantlab.benchmark;

import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.RunnerException;

/**
 * Runs all benchmarks in several rounds, each in a JVM of its own, and prints one table. Rounds are interleaved, so that a
 * minute in which the machine was slow falls on benchmarks and floors alike; figures are medians of rounds, and of a round the fastest tenth of its
 * samples.
 */
public final class Benchmarks {
    private static final int USUAL_ROUNDS = 5;
    private static final int LARGEST_MAPPING = 112;
    private static final int SHARED_ENTRY = 8;

    private Benchmarks() {}

    /**
     * The command.
     *
     * @param arguments how many rounds, if not 5; or {@code block}: requests of a block device instead
     */
    public static void main(String[] arguments) throws RunnerException, IOException {
        if (arguments.length > 0 && arguments[0].equals("block")) {
            BlockRequests.print();
            return;
        }
        int rounds = arguments.length == 0 ? USUAL_ROUNDS : Integer.parseInt(arguments[0]);
        Rounds measured = new Rounds();
        for (int round = 1; round <= rounds; round++) {
            System.err.printf("round %d of %d%n", round, rounds);
            measured.run();
        }
        List<Line> lines = new Table(measured, rounds).lines();
        System.out.println(Line.HEADING);
        lines.forEach(System.out::println);
        int bytes = Acts.BYTES + Maptrack.BYTES + SHARED_ENTRY;
        System.out.printf(
                Locale.ROOT,
                "%nengine memory per live mapping: %d bytes (at most %d): %s%n",
                bytes,
                LARGEST_MAPPING,
                bytes <= LARGEST_MAPPING ? "yes" : "NO");
        for (LeafShape shape : LeafShape.values()) {
            System.out.printf(Locale.ROOT, "engine memory for %s: %s%n", shape.word(), memory(shape));
        }
    }

    /** What the pools of both sides are charged while all is mapped: tree and nodes held, acts and their buckets, records, sets. */
    private static String memory(LeafShape shape) {
        try (Laboratory laboratory = new Laboratory(Laboratory.TREE, "hvm", "hvm")) {
            Guest grantee = laboratory.grantee(0, 1);
            LeafMapper mapper = shape.mapper(laboratory, grantee, Mapper.REFERENCES);
            mapper.mapAll();
            int granterPages = pages(laboratory, laboratory.granter());
            int granteePages = pages(laboratory, grantee.domid());
            mapper.unmapAll();
            int bytes = (granterPages + granteePages) * Page.SIZE / shape.mappings();
            return bytes + " bytes a mapping, of " + shape.mappings() + " (pages of the granter's pool: " + granterPages
                    + ", of the grantee's: " + granteePages + ")";
        }
    }

    private static int pages(Laboratory laboratory, int domid) {
        return laboratory.machine().charges(domid).pages();
    }
}
