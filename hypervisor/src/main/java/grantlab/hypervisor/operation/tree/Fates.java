package grantlab.hypervisor.operation.tree;

import grantlab.api.abi.V3Revoke;
import grantlab.hypervisor.domain.PlainPage;

/**
 * What is to become of mappings that are taken back, as far as their grantees agreed (grant-v3.md, 8.1).
 *
 * @param cpu a CPU fate
 * @param scratch machine frame in which vanishes what devices write, held; {@link PlainPage#NONE}: they are blocked
 */
record Fates(int cpu, long scratch) {
    /** What is taken is gone. */
    static final Fates GONE = new Fates(V3Revoke.CPU_FAULT, PlainPage.NONE);

    boolean sinks() {
        return scratch != PlainPage.NONE;
    }
}
