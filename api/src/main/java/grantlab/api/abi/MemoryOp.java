package grantlab.api.abi;

/** Numbers of the operations of memory_op, xen/include/public/memory.h. */
public final class MemoryOp {
    /** XENMEM_decrease_reservation. */
    public static final int DECREASE_RESERVATION = 1;

    /** XENMEM_populate_physmap. */
    public static final int POPULATE_PHYSMAP = 6;

    /** XENMEM_add_to_physmap. */
    public static final int ADD_TO_PHYSMAP = 7;

    /** XENMEM_remove_from_physmap. */
    public static final int REMOVE_FROM_PHYSMAP = 15;

    /** XENMEM_add_to_physmap_batch. */
    public static final int ADD_TO_PHYSMAP_BATCH = 23;

    private MemoryOp() {}
}
