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

    private final @Nullable Domain[] granters = new Domain[CAPACITY];
    private final int[] acts = new int[CAPACITY];
    private final long[] frames = new long[CAPACITY];
    private final int[] uses = new int[CAPACITY];

    /** Bit n: devices reached the frame of element n. */
    private int busMappings;

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

    /** Nothing waits any more. */
    public void clear() {
        size = 0;
        busMappings = 0;
    }
}
