package grantlab.hypervisor.mapping;

import grantlab.hypervisor.quiescence.Spin;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The free handles of one vCPU: taken at the head, given back at the tail. Padded: other vCPUs lie beside it. (The lock
 * is a long, because the virtual machine would put an int before the padding.)
 */
final class FreeList {
    private static final VarHandle LOCKED;

    static {
        try {
            LOCKED = MethodHandles.lookup().findVarHandle(FreeList.class, "locked", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @SuppressWarnings("unused")
    private long before0, before1, before2, before3, before4, before5, before6, before7;

    @SuppressWarnings("unused")
    private volatile long locked;

    int head = Maptrack.NONE;
    int tail = Maptrack.NONE;

    @SuppressWarnings("unused")
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    void lock() {
        for (int spin = 0; !LOCKED.compareAndSet(this, 0L, 1L); spin++) {
            Spin.once(spin);
        }
    }

    void unlock() {
        LOCKED.setRelease(this, 0L);
    }

    /** Whether it never had a handle, not even a sentinel. */
    boolean isNew() {
        lock();
        boolean none = tail == Maptrack.NONE;
        unlock();
        return none;
    }

    /** The sentinel of a list that had none. */
    void begin(int sentinel) {
        lock();
        head = sentinel;
        tail = sentinel;
        unlock();
    }
}
