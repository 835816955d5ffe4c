package grantlab.conformance.fuzz;

import java.util.BitSet;

/** What the generator believes of one domain. */
public final class Actor {
    /** Slots that mappings go to; the ones behind are for replace and for table frames. */
    public static final int MAPPING_SLOTS = 40;

    private final int domid;
    private final boolean translated;
    private final BitSet freeSlots = new BitSet();
    private final BitSet lostPages = new BitSet();
    private int version;
    private boolean running = true;
    private boolean hasBlock;

    /**
     * A domain that was just created.
     *
     * @param domid its number
     * @param translated PVH
     * @param version of its table
     */
    public Actor(int domid, boolean translated, int version) {
        this.domid = domid;
        this.translated = translated;
        this.version = version;
        freeSlots.set(0, MAPPING_SLOTS);
    }

    /** Its number. */
    public int domid() {
        return domid;
    }

    /** As scripts name it. */
    public String name() {
        return "d" + domid;
    }

    /** Whether it is PVH. */
    public boolean translated() {
        return translated;
    }

    /** Whether it has a {@link Block}. */
    public boolean hasBlock() {
        return hasBlock;
    }

    /** It was created with a {@link Block}. */
    public void getsBlock() {
        hasBlock = true;
    }

    /** The version that its table should have. */
    public int version() {
        return version;
    }

    /** set_version probably did it. */
    public void bringUp(int other) {
        version = other;
    }

    /** Whether it can execute lines. */
    public boolean running() {
        return running;
    }

    /** It was crashed, or never ran. */
    public void stops() {
        running = false;
    }

    /** Slots without a mapping. */
    public BitSet freeSlots() {
        return freeSlots;
    }

    /** Pages that it gave away. */
    public BitSet lostPages() {
        return lostPages;
    }
}
