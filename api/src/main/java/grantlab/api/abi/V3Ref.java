package grantlab.api.abi;

/**
 * The 64-bit reference of grants v3 (grant-v3.md, section 4): index 36 bits, slot 12 bits, generation 8 bits, zero. Slot 0 is
 * the flat table: a reference below 2^32 is one of GNTTABOP_map_grant_ref.
 */
public final class V3Ref {
    /** Slots are below this. */
    public static final int SLOTS = 1 << 12;

    private static final int SLOT_SHIFT = 36;
    private static final int SLOT_MASK = SLOTS - 1;
    private static final int GENERATION_SHIFT = 48;
    private static final int GENERATION_MASK = 0xff;
    private static final long INDEX_MASK = (1L << SLOT_SHIFT) - 1;

    private V3Ref() {}

    /**
     * Packs a reference.
     *
     * @param slot 1..4095
     * @param generation 0..255
     * @param index in pages, below 2^36
     * @return the reference
     */
    public static long of(int slot, int generation, long index) {
        return (long) generation << GENERATION_SHIFT | (long) slot << SLOT_SHIFT | index;
    }

    /**
     * The index.
     *
     * @param reference any
     * @return in pages
     */
    public static long index(long reference) {
        return reference & INDEX_MASK;
    }

    /**
     * The slot.
     *
     * @param reference any
     * @return 0..4095
     */
    public static int slot(long reference) {
        return (int) (reference >>> SLOT_SHIFT) & SLOT_MASK;
    }

    /**
     * The generation.
     *
     * @param reference any
     * @return 0..255
     */
    public static int generation(long reference) {
        return (int) (reference >>> GENERATION_SHIFT) & GENERATION_MASK;
    }

    /**
     * Whether the upper byte is zero, as it must be.
     *
     * @param reference any
     * @return false: inval
     */
    public static boolean wellFormed(long reference) {
        return reference >>> 56 == 0;
    }
}
