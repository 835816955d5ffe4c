package grantlab.hypervisor.caller;

import grantlab.api.Access;
import grantlab.hypervisor.domain.Domain;
import org.jspecify.annotations.Nullable;

/**
 * What the first phase of unmap took out and the second has to release after the flush: at most 32 elements
 * (GNTTAB_UNMAP_BATCH_SIZE). One per vCPU, reused.
 */
public final class Unmapped {
    /** Elements between two flushes. */
    public static final int CAPACITY = 32;

    private static final long NOWHERE = -1;

    private final @Nullable Domain[] granters = new Domain[CAPACITY];
    private final int[] acts = new int[CAPACITY];
    private final long[] frames = new long[CAPACITY];
    private final int[] uses = new int[CAPACITY];

    /** Bit n: devices reached the frame of element n. */
    private int busMappings;

    /** Bit n: a revocation took what element n held. */
    private int taken;

    /** Where the mapping stood that was taken out last, if that was not its own place; else {@link #NOWHERE}. */
    private long strayPlace = NOWHERE;

    private long homeOfStray;
    private long strayFrame;
    private int size;

    /** Empty. */
    public Unmapped() {}

    /**
     * Remembers an element.
     *
     * @param granter whose frame it was
     * @param act the record that it used
     * @param frame the frame
     * @param use what ends: READ or READ | WRITE, with HOST, DEVICE or both
     */
    public void add(Domain granter, int act, long frame, int use) {
        // A store of a reference costs more than a look, and it is nearly always the same granter.
        if (granters[size] != granter) {
            granters[size] = granter;
        }
        acts[size] = act;
        frames[size] = frame;
        uses[size++] = use;
    }

    /** With the element that was added last the devices lose a frame. */
    public void endsBusMapping() {
        busMappings |= 1 << (size - 1);
    }

    /** The element that was added last holds nothing any more. */
    public void heldNothing() {
        taken |= 1 << (size - 1);
    }

    /**
     * A mapping was taken out at a place where another one stood.
     *
     * @param place where
     * @param own where it stood itself, and what stands there is the other's now
     * @param frame of both
     */
    public void strays(long place, long own, long frame) {
        strayPlace = place;
        homeOfStray = own;
        strayFrame = frame;
    }

    /** Whether {@link #strays} is yet to be made up for. */
    public boolean strayed() {
        return strayPlace != NOWHERE;
    }

    /** Where it was taken out. */
    public long strayPlace() {
        return strayPlace;
    }

    /** Where it stood itself. */
    public long homeOfStray() {
        return homeOfStray;
    }

    /** Its frame. */
    public long strayFrame() {
        return strayFrame;
    }

    /** It was made up for. */
    public void endStray() {
        strayPlace = NOWHERE;
    }

    /**
     * How many elements wait.
     *
     * @return 0..32
     */
    public int size() {
        return size;
    }

    /**
     * Whose frame it was.
     *
     * @param i an element
     * @return the granter
     */
    public Domain granter(int i) {
        Domain granter = granters[i];
        if (granter == null) {
            throw new IndexOutOfBoundsException(i);
        }
        return granter;
    }

    /**
     * The record.
     *
     * @param i an element
     * @return its number
     */
    public int act(int i) {
        return acts[i];
    }

    /**
     * The frame.
     *
     * @param i an element
     * @return its number
     */
    public long frame(int i) {
        return frames[i];
    }

    /**
     * What ends.
     *
     * @param i an element
     * @return a set of {@link Access}
     */
    public int use(int i) {
        return uses[i];
    }

    /**
     * Whether devices lose the frame.
     *
     * @param i an element
     * @return what was told of it
     */
    public boolean busMapping(int i) {
        return (busMappings >>> i & 1) != 0;
    }

    /**
     * Whether an element has references to be dropped.
     *
     * @param i an element
     * @return false: a revocation dropped them
     */
    public boolean held(int i) {
        return (taken >>> i & 1) == 0;
    }

    /** Nothing waits any more. */
    public void clear() {
        size = 0;
        busMappings = 0;
        taken = 0;
    }
}
