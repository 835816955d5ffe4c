package grantlab.paging.hvm;

import grantlab.api.memory.PhysicalMap;
import grantlab.api.paging.Tlb;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What one vCPU remembers: direct mapped, from guest frame to map entry. Lines stay until they are flushed or
 * displaced.
 *
 * <p>Only the vCPU's thread looks up and fills. Any thread may {@link #condemn} the whole, and then {@link
 * #awaitAccess}: the vCPU makes its access word odd while it is inside a load or store, and never waits.
 * <ul>
 *   <li>A line is good while it carries the generation that the vCPU took up last. condemn requests a new one; the vCPU
 *       takes it up when it begins its next access, before it walks. So a pending request serves later callers too.
 *   <li>An access that began earlier may go on with an old line, and fills with the old generation.
 * </ul>
 */
final class VcpuTlb implements Tlb {
    private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

    private static final int LINES = 256;
    private static final int LINE_LONGS = 4;
    private static final int GFN = 0;
    private static final int ENTRY = 1;
    private static final int GENERATION = 2;

    /** A line that nobody filled. */
    private static final long NEVER = 0;

    /** Where the shared words stand: each pair of cache lines is written by one side only. */
    private static final int REQUESTED = 16;

    private static final int ACCESS = 32;
    private static final int TAKEN_UP = 33;
    private static final int SHARED_LONGS = 48;

    private static final int SPINS_BEFORE_YIELD = 200;

    private final long[] lines = new long[LINES * LINE_LONGS];
    private final long[] shared = new long[SHARED_LONGS];

    VcpuTlb() {
        shared[REQUESTED] = NEVER + 1;
        shared[TAKEN_UP] = NEVER + 1;
    }

    /** The vCPU begins an access. */
    void enter() {
        // A full fence: whoever changes an entry and then finds this word even is seen by the walk that follows.
        LONGS.setVolatile(shared, ACCESS, shared[ACCESS] + 1);
        long requested = (long) LONGS.getVolatile(shared, REQUESTED);
        if (requested != shared[TAKEN_UP]) {
            LONGS.setVolatile(shared, TAKEN_UP, requested);
        }
    }

    /** The vCPU has ended its access. */
    void leave() {
        LONGS.setRelease(shared, ACCESS, shared[ACCESS] + 1);
    }

    /**
     * What is remembered of a guest frame.
     *
     * @param gfn any number
     * @return the map entry, or INVALID
     */
    long lookUp(long gfn) {
        int line = lineOf(gfn);
        if (lines[line + GFN] == gfn && lines[line + GENERATION] == shared[TAKEN_UP]) {
            return lines[line + ENTRY];
        }
        return PhysicalMap.INVALID;
    }

    void fill(long gfn, long entry) {
        int line = lineOf(gfn);
        lines[line + GFN] = gfn;
        lines[line + ENTRY] = entry;
        LONGS.setRelease(lines, line + GENERATION, shared[TAKEN_UP]);
    }

    @Override
    public void flush() {
        condemn();
    }

    /** All lines are old from now on. Any thread. */
    void condemn() {
        long requested = (long) LONGS.getVolatile(shared, REQUESTED);
        if (requested == (long) LONGS.getVolatile(shared, TAKEN_UP)) {
            LONGS.compareAndSet(shared, REQUESTED, requested, requested + 1);
        }
    }

    /** Returns when an access that was under way has ended. Any thread but the vCPU's while it is inside one. */
    @SuppressWarnings("ThreadPriorityCheck") // yields to a vCPU's thread that lost its processor inside an access
    void awaitAccess() {
        long seen = (long) LONGS.getVolatile(shared, ACCESS);
        if ((seen & 1) == 0) {
            return;
        }
        int spins = 0;
        while ((long) LONGS.getVolatile(shared, ACCESS) == seen) {
            if (++spins < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    /**
     * Whether a line that is good leads to a frame. Any thread.
     *
     * @return exact while the vCPU is not inside an access
     */
    boolean leadsTo(long mfn) {
        long good = (long) LONGS.getVolatile(shared, TAKEN_UP);
        if ((long) LONGS.getVolatile(shared, REQUESTED) != good) {
            // The next access begins with none.
            return false;
        }
        for (int line = 0; line < lines.length; line += LINE_LONGS) {
            if ((long) LONGS.getVolatile(lines, line + GENERATION) == good
                    && PhysicalMap.frameOf(lines[line + ENTRY]) == mfn) {
                return true;
            }
        }
        return false;
    }

    private static int lineOf(long gfn) {
        return ((int) gfn & LINES - 1) * LINE_LONGS;
    }
}
