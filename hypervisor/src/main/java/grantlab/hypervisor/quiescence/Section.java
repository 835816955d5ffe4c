package grantlab.hypervisor.quiescence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One vCPU's word: odd while inside. Padded, since it is stored to by each hypercall. */
public final class Section {
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Section.class, "word", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private long before0, before1, before2, before3, before4, before5, before6, before7;

    private volatile long word;

    @SuppressWarnings("unused")
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    private long workedAt;
    private int worked;
    private volatile int longest;

    Section() {}

    /** Enters. The store is a full barrier: what is looked at afterwards was published before a writer saw it. */
    public void enter() {
        WORD.setVolatile(this, (long) WORD.get(this) + 1);
    }

    /** Leaves. */
    public void leave() {
        WORD.setRelease(this, (long) WORD.get(this) + 1);
    }

    /**
     * Whether its vCPU is inside. By the vCPU's own thread.
     *
     * @return true between enter and leave
     */
    public boolean inside() {
        return ((long) WORD.get(this) & 1) != 0;
    }

    /**
     * Something that is counted in slices was done, by the vCPU's own thread.
     *
     * @param records how many since the last time that it was told
     */
    public void works(int records) {
        long now = (long) WORD.get(this);
        worked = now == workedAt ? worked + records : records;
        workedAt = now;
        longest = Math.max(longest, worked);
    }

    /** The most that was ever done between entering and leaving. Any thread. */
    int longest() {
        return longest;
    }

    void awaitLeft() {
        long seen = word;
        if ((seen & 1) == 0) {
            return;
        }
        for (int spin = 0; word == seen; spin++) {
            Spin.once(spin);
        }
    }
}
