package grantlab.hypervisor.mapping;

import grantlab.api.Access;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * One grantee's handles and what each stands for (xen-semantics 3.8 and 3.9), four words each in frames of 256:
 *
 * <pre>
 *   0  flags 16 | granter 16 | reference 32      written last, read first; zero: no mapping
 *   1  place of the mapping
 *   2  next 32 | previous 32                      within the mappings of the same reference
 *   3  vCPU 32 | next free 32
 * </pre>
 *
 * The order in which handles come and return is part of what real Xen is compared with: each vCPU has a list, takes from
 * its head and gives back to its tail, and never gives out the last element. Words 1 and 2 belong to whoever holds the lock
 * of the reference's {@link Acts act}.
 */
public final class Maptrack {
    /** No handle, and the end of lists. */
    public static final int NONE = -1;

    /** The place of a mapping that stands nowhere and still holds a reference, as its place did. */
    private static final long ORPHANED_READER = -2;

    /** The same, and a reference on the writable type. */
    private static final long ORPHANED_WRITER = -4;

    /** The place of a mapping whose granter is gone: it holds nothing, and the granter's number may be another's by now. */
    public static final long ESTRANGED = -3;

    /** The place of a mapping that a revocation took: it holds nothing, and its grantee is to acknowledge that. */
    public static final long TAKEN = -5;

    /** The same, and the granter is gone since, as with {@link #ESTRANGED}. */
    public static final long FORSAKEN = -6;

    /** With a place: a revocation found nothing there once. Whoever moves the mapping takes that away. */
    private static final long MISSED = 1L << 62;

    /** Handles that a frame brings. */
    public static final int PER_FRAME = 256;

    /** Bytes of a record. */
    public static final int BYTES = 32;

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int FRAME_SHIFT = 8;
    private static final int RECORD_SHIFT = 2;
    private static final long LOW = 0xffff_ffffL;

    private final int maxFrames;
    private final FreeList[] lists;
    private volatile long[][] frames = {};

    /**
     * Empty: the first map brings the first frame.
     *
     * @param maxFrames how many frames it may have; 0 means no mapping ever
     * @param vcpus how many lists
     */
    public Maptrack(int maxFrames, int vcpus) {
        this.maxFrames = maxFrames;
        this.lists = new FreeList[vcpus];
        for (int vcpu = 0; vcpu < vcpus; vcpu++) {
            lists[vcpu] = new FreeList();
        }
    }

    /**
     * Handles below this have a record.
     *
     * @return 256 times the frames
     */
    public int capacity() {
        return frames.length << FRAME_SHIFT;
    }

    private long[] frame(int handle) {
        return frames[handle >>> FRAME_SHIFT];
    }

    private static int at(int handle) {
        return (handle & PER_FRAME - 1) << RECORD_SHIFT;
    }

    /**
     * Takes a handle: head of the vCPU's list, else a new frame, else another vCPU's.
     *
     * @param vcpu who takes
     * @return a handle or {@link #NONE}
     */
    public int take(int vcpu) {
        int handle = takeFrom(vcpu);
        return handle != NONE ? handle : takeElsewhere(vcpu);
    }

    private int takeFrom(int vcpu) {
        FreeList list = lists[vcpu];
        list.lock();
        try {
            int head = list.head;
            if (head == NONE) {
                return NONE;
            }
            int next = nextFree(head);
            if (next == NONE) {
                return NONE;
            }
            list.head = next;
            return head;
        } finally {
            list.unlock();
        }
    }

    private synchronized int takeElsewhere(int vcpu) {
        int handle = takeFrom(vcpu);
        if (handle != NONE) {
            return handle;
        }
        if (frames.length < maxFrames) {
            return addFrame(vcpu);
        }
        if (lists[vcpu].isNew()) {
            int sentinel = steal(vcpu);
            if (sentinel == NONE) {
                return NONE;
            }
            setNextFree(sentinel, NONE);
            lists[vcpu].begin(sentinel);
        }
        return steal(vcpu);
    }

    /** The first new handle is returned, the others go to the head of the list. */
    private int addFrame(int vcpu) {
        int first = capacity();
        long[] frame = new long[PER_FRAME << RECORD_SHIFT];
        for (int i = 0; i < PER_FRAME; i++) {
            frame[(i << RECORD_SHIFT) + 3] = (long) vcpu << 32 | ((first + i + 1) & LOW);
        }
        FreeList list = lists[vcpu];
        list.lock();
        try {
            frame[((PER_FRAME - 1) << RECORD_SHIFT) + 3] = (long) vcpu << 32 | (list.head & LOW);
            long[][] grown = Arrays.copyOf(frames, frames.length + 1);
            grown[frames.length] = frame;
            frames = grown;
            list.head = first + 1;
            if (list.tail == NONE) {
                list.tail = first + PER_FRAME - 1;
            }
        } finally {
            list.unlock();
        }
        return first;
    }

    private int steal(int vcpu) {
        for (int i = 1; i < lists.length; i++) {
            int victim = (vcpu + i) % lists.length;
            int handle = takeFrom(victim);
            if (handle != NONE) {
                frame(handle)[at(handle) + 3] = (long) vcpu << 32 | LOW;
                return handle;
            }
        }
        return NONE;
    }

    /**
     * Gives a handle back, to the tail of the list of the vCPU that took it last.
     *
     * @param handle without a mapping
     */
    public void giveBack(int handle) {
        long[] frame = frame(handle);
        int at = at(handle) + 3;
        frame[at] |= NONE & LOW;
        FreeList list = lists[(int) (frame[at] >>> 32)];
        list.lock();
        setNextFree(list.tail, handle);
        list.tail = handle;
        list.unlock();
    }

    private int nextFree(int handle) {
        return (int) frame(handle)[at(handle) + 3];
    }

    private void setNextFree(int handle, int next) {
        long[] frame = frame(handle);
        int at = at(handle) + 3;
        frame[at] = (frame[at] & ~LOW) | (next & LOW);
    }

    /**
     * What a handle stands for, in one look.
     *
     * @param handle below the capacity
     * @return word 0; zero for nothing
     */
    public long mapping(int handle) {
        return (long) WORDS.getAcquire(frame(handle), at(handle));
    }

    /** Whether there is any mapping at this moment. */
    public boolean anyMapping() {
        int capacity = capacity();
        for (int handle = 0; handle < capacity; handle++) {
            if (mapping(handle) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Word 0.
     *
     * @param flags GNTMAP flags, 16 bit
     * @param granter a domid
     * @param reference 32 bit
     * @return the word
     */
    public static long mapping(int flags, int granter, long reference) {
        return (long) (flags & 0xffff) << 48 | (long) (granter & 0xffff) << 32 | (reference & LOW);
    }

    /** The GNTMAP flags of word 0. */
    public static int flags(long mapping) {
        return (int) (mapping >>> 48);
    }

    /** The granter of word 0. */
    public static int granter(long mapping) {
        return (int) (mapping >>> 32) & 0xffff;
    }

    /** The reference of word 0. */
    public static long reference(long mapping) {
        return mapping & LOW;
    }

    /**
     * Publishes or changes a mapping; under the act's lock.
     *
     * @param handle taken
     * @param mapping word 0
     */
    public void publish(int handle, long mapping) {
        WORDS.setRelease(frame(handle), at(handle), mapping);
    }

    /**
     * Where the mapping stands.
     *
     * @param handle of a mapping
     * @return its place
     */
    public long place(int handle) {
        return (long) WORDS.getOpaque(frame(handle), at(handle) + 1);
    }

    /**
     * Changes where the mapping stands.
     *
     * @param handle of a mapping
     * @param place its place
     */
    public void setPlace(int handle, long place) {
        WORDS.setOpaque(frame(handle), at(handle) + 1, place);
    }

    /**
     * Whether a mapping was put at a place and nobody took it away since, as far as is known here.
     *
     * @param handle of a mapping
     * @param place an address
     */
    public boolean standsAt(int handle, long place) {
        return address(place(handle)) == place;
    }

    /** Where a place is, whether or not a revocation {@link #missed} something there. */
    public static long address(long place) {
        return place < 0 ? place : place & ~MISSED;
    }

    /**
     * A revocation finds nothing where a mapping should be. It may have been undone there for another that still is somewhere
     * else: then whoever did that tells so before its call ends.
     *
     * @param handle whose act is locked
     * @return whether that was found before, and nobody told anything since
     */
    public boolean missed(int handle) {
        long place = place(handle);
        if ((place & MISSED) != 0) {
            return true;
        }
        setPlace(handle, place | MISSED);
        return false;
    }

    /**
     * Ends a mapping that a revocation took and whose granter is gone; one caller does.
     *
     * @param handle that is {@link #FORSAKEN}
     * @param mapping its word 0
     * @return false: somebody else did
     */
    public boolean forget(int handle, long mapping) {
        if (!WORDS.compareAndSet(frame(handle), at(handle), mapping, 0L)) {
            return false;
        }
        giveBack(handle);
        return true;
    }

    /**
     * The guest gave back the number at which it had mapped a grant of its own (xen-semantics 6.5): the place is empty, the
     * handle cannot be unmapped there any more, and the references stay with it until the domain dies, as in Xen.
     *
     * @param place that is empty now
     * @param writable whether it was: what stood there need not be what the handle was made for
     */
    public void orphan(long place, boolean writable) {
        for (int handle = 0; handle < capacity(); handle++) {
            if (mapping(handle) != 0 && standsAt(handle, place)) {
                setPlace(handle, writable ? ORPHANED_WRITER : ORPHANED_READER);
                return;
            }
        }
    }

    /**
     * Whether a mapping stands nowhere and still holds what its place did.
     *
     * @param place of a mapping
     */
    public static boolean isOrphaned(long place) {
        return place == ORPHANED_READER || place == ORPHANED_WRITER;
    }

    /**
     * What the place did hold.
     *
     * @param place of an orphaned mapping
     * @return READ or READ | WRITE
     */
    public static int orphanedAccess(long place) {
        return place == ORPHANED_WRITER ? Access.READ | Access.WRITE : Access.READ;
    }

    /**
     * A granter is gone for good. What is left of its mappings is handles that a guest made useless by overwriting their
     * places: none of them holds anything, and none may be taken for one of a later domain with the same number.
     *
     * @param granter its domid
     */
    public void estrange(int granter) {
        for (int handle = 0; handle < capacity(); handle++) {
            long mapping = mapping(handle);
            if (mapping != 0 && granter(mapping) == granter) {
                long place = place(handle);
                // Unless it is just being acknowledged, and the handle another's by now.
                WORDS.compareAndSet(
                        frame(handle),
                        at(handle) + 1,
                        place,
                        place == TAKEN || place == FORSAKEN ? FORSAKEN : ESTRANGED);
            }
        }
    }

    /** Whether the granter of a mapping is gone for good, by its place. */
    public static boolean isEstranged(long place) {
        return place == ESTRANGED || place == FORSAKEN;
    }

    /** An estranged handle takes the place of a mapping, which becomes estranged; the act is locked. */
    public void trade(Acts acts, int act, int estranged, int handle) {
        setPlace(estranged, place(handle));
        setPlace(handle, ESTRANGED);
        unlink(acts, act, handle);
        link(acts, act, estranged);
    }

    /** Puts a mapping at the head of its reference's list; the act is locked. */
    public void link(Acts acts, int act, int handle) {
        int head = acts.exchangeFirstHandle(act, handle);
        frame(handle)[at(handle) + 2] = (long) head << 32 | (NONE & LOW);
        if (head != NONE) {
            setPrevious(head, handle);
        }
    }

    /** Takes a mapping out of its reference's list; the act is locked. */
    public void unlink(Acts acts, int act, int handle) {
        long links = frame(handle)[at(handle) + 2];
        int next = (int) (links >>> 32);
        int previous = (int) links;
        if (next != NONE) {
            setPrevious(next, previous);
        }
        if (previous == NONE) {
            acts.exchangeFirstHandle(act, next);
        } else {
            long[] frame = frame(previous);
            int at = at(previous) + 2;
            frame[at] = (frame[at] & LOW) | (long) next << 32;
        }
    }

    /**
     * The next mapping of the same reference; the act is locked.
     *
     * @return a handle or {@link #NONE}
     */
    public int next(int handle) {
        return (int) (frame(handle)[at(handle) + 2] >>> 32);
    }

    private void setPrevious(int handle, int previous) {
        long[] frame = frame(handle);
        int at = at(handle) + 2;
        frame[at] = (frame[at] & ~LOW) | (previous & LOW);
    }
}
