package grantlab.conformance.script;

import java.util.List;

/**
 * What operations took. Nothing is measured: each number counts acts.
 *
 * @param hypercalls of all domains; d0's looks at tables ({@code rdent}, {@code scan}) are none
 * @param exits hypercalls, and accesses of guests that came to a hole or to a page fault
 * @param tableWrites entries that guests wrote, and words of entries, status words and nodes that the hypervisor wrote
 * @param cpuFlushes times that the vCPUs of a domain were made to forget
 * @param invalidations ranges, or everything, that an IOMMU was made to forget
 * @param drains waits for accesses of devices that were under way
 * @param bytesCopied by the hypervisor from one page to another
 * @param mappingsLive mappings of grants that exist
 */
record Costs(
        long hypercalls,
        long exits,
        long tableWrites,
        long cpuFlushes,
        long invalidations,
        long drains,
        long bytesCopied,
        long mappingsLive) {
    /** Heads of {@link #numbers}. */
    static final List<String> HEADS =
            List.of("calls", "exits", "entries", "flushes", "IOTLB", "drains", "copied", "mapped");

    static final Costs NONE = new Costs(0, 0, 0, 0, 0, 0, 0, 0);

    /** In the order of the heads. */
    List<Long> numbers() {
        return List.of(hypercalls, exits, tableWrites, cpuFlushes, invalidations, drains, bytesCopied, mappingsLive);
    }

    /** What was done since; what is mapped is so now. */
    Costs since(Costs before) {
        return new Costs(
                hypercalls - before.hypercalls,
                exits - before.exits,
                tableWrites - before.tableWrites,
                cpuFlushes - before.cpuFlushes,
                invalidations - before.invalidations,
                drains - before.drains,
                bytesCopied - before.bytesCopied,
                mappingsLive);
    }

    /** This and then that; what is mapped is so after that. */
    Costs then(Costs later) {
        return new Costs(
                hypercalls + later.hypercalls,
                exits + later.exits,
                tableWrites + later.tableWrites,
                cpuFlushes + later.cpuFlushes,
                invalidations + later.invalidations,
                drains + later.drains,
                bytesCopied + later.bytesCopied,
                later.mappingsLive);
    }
}
