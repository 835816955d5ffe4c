package grantlab.hypervisor.quiescence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One vCPU's word: odd while inside. Padded, since it is stored to by each hypercall.
 *
 * <p>What its vCPU found or was charged for in one call may stay with it until the next, so that it need not find it again: it
 * {@link #keeps}. Who needs it back ({@link Quiescence#recall}) asks, waits until the vCPU has left, and gives it back in the
 * vCPU's place; a vCPU that comes meanwhile gives it back itself before it does anything else. Of the two one wins.
 */
public final class Section {
    /** Nobody asks for what is kept. */
    private static final int KEPT = 0;

    /** Somebody does. */
    private static final int ASKED = 1;

    /** It is just being given back. */
    private static final int GIVING = 2;

    private static final VarHandle WORD;
    private static final VarHandle RECALL;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(Section.class, "word", long.class);
            RECALL = MethodHandles.lookup().findVarHandle(Section.class, "recall", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private long before0, before1, before2, before3, before4, before5, before6, before7;

    private volatile long word;

    private volatile int recall;

    @SuppressWarnings("unused")
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    private long workedAt;
    private int worked;
    private volatile int longest;

    private Object keeper = this;
    private Runnable giveBack = () -> {};

    Section() {}

    /**
     * What its vCPU keeps over leaving, from now on.
     *
     * @param whose vCPU it is
     * @param back gives all of it back; it is run while the vCPU does nothing else, by whatever thread, and waits for nobody
     */
    public void keeps(Object whose, Runnable back) {
        keeper = whose;
        giveBack = back;
    }

    boolean isOf(Object whose) {
        return keeper.equals(whose);
    }

    /** Enters. The store is a full barrier: what is looked at afterwards was published before a writer saw it. */
    public void enter() {
        WORD.setVolatile(this, (long) WORD.get(this) + 1);
        if (recall != KEPT) {
            takeBack();
        }
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

    /** What is kept at this moment is to be given back. */
    void ask() {
        recall = ASKED;
    }

    /** It is given back, by the caller or somebody else, if it was asked for; by the vCPU itself, or once it has left. */
    void takeBack() {
        for (int spin = 0; recall != KEPT; spin++) {
            if (RECALL.compareAndSet(this, ASKED, GIVING)) {
                giveBack.run();
                recall = KEPT;
            } else {
                Spin.once(spin);
            }
        }
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
