package grantlab.api.memory;

import grantlab.api.Behaviour;

/** A kind of machine memory, found by ServiceLoader and chosen by {@code memory} in the configuration. */
public interface MemoryProvider {
    /**
     * The name in the configuration.
     *
     * @return for instance {@code off-heap}
     */
    String name();

    /**
     * Makes the memory of one machine.
     *
     * @param layout where RAM is
     * @param behaviour the rules in which releases of Xen differ
     * @return zeroed memory without owners
     */
    MachineRam create(RamLayout layout, Behaviour behaviour);
}
