package grantlab.conformance;

import grantlab.api.Behaviour;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.api.paging.PagingModeProvider;
import grantlab.hypervisor.Installed;
import org.jspecify.annotations.Nullable;

/**
 * Lets somebody in before an access of a call to memory of the granter: its table, wherever that lies, and its pages. What two CPUs
 * would hit once in a thousand runs happens at each moment in turn, and the same each time:
 *
 * <pre>
 *   int moment = 0;
 *   do {
 *       long ref = world.grant(moment, Access.READ);
 *       came = world.interruption().before(moment, () -> ended = world.table().end(index), () -> status = map(ref));
 *       Expect.holdsNot("withdrawn and mapped", ended && status == Status.OKAY);
 *   } while (came && ++moment < Party.PAGES);
 * </pre>
 *
 * <p>Who is interrupted may hold any lock of the hypervisor. So the intruder loads, stores and exchanges, as a CPU of a guest does; it makes
 * no hypercall, and what it finds out it keeps until the call is over; a hypercall of another CPU may begin on a thread of its own, and is not
 * waited for longer than a moment. Only where a guest's kernel is interrupted outside of any hypercall,
 * which holds no such lock, may it make some. Threads: the call is made by the thread that asks; what others
 * do meanwhile is not interrupted.
 */
public final class Interruption {
    /** More looks than any call for one page may take, however often it begins anew: one that takes more would never end. */
    public static final int BOUND = 1000;

    /** {@link #refusing}: everybody gets what is asked for. */
    private static final int NOBODY = -1;

    private final MemoryProvider real;
    private @Nullable FrameTable frames;
    private volatile @Nullable Thread interrupted;
    private Intruder intruder = access -> {};
    private Runnable onEmptied = () -> {};
    private Runnable onFlushing = () -> {};
    private int accesses;
    private int emptied;
    private int flushes;
    private int refused = NOBODY;
    private @Nullable Runnable onRequest;
    private int asked;

    /**
     * Nobody comes in yet.
     *
     * @param real the memory that a machine is to have
     */
    Interruption(MemoryProvider real) {
        this.real = real;
    }

    /** Comes in. */
    @FunctionalInterface
    private interface Intruder {
        void comeIn(int access);
    }

    /**
     * Makes a call, with somebody who comes in once.
     *
     * @param moment before which access, from 0
     * @param intruder what is done then; its own accesses do not count
     * @param call what is interrupted
     * @return whether it came so far; false: the call has fewer accesses, and nobody came in
     */
    public boolean before(int moment, Runnable intruder, Runnable call) {
        during(
                access -> {
                    if (access == moment) {
                        intruder.run();
                    }
                },
                call);
        return accesses > moment;
    }

    /**
     * Makes a call, with somebody who comes in before every access.
     *
     * @param intruder what is done each time
     * @param call what is interrupted
     * @return how often it came in
     * @throws IllegalStateException out of the call, when there is no end to it
     */
    public int throughout(Runnable intruder, Runnable call) {
        during(access -> intruder.run(), call);
        return accesses;
    }

    /**
     * Makes a call, with somebody who comes in each time that a place of the grantee was emptied and no TLB has been flushed for it.
     *
     * @param intruder what is done each time
     * @param call what is interrupted
     * @return how often it came in
     */
    public int whenEmptied(Runnable intruder, Runnable call) {
        emptied = 0;
        onEmptied = intruder;
        try {
            during(access -> {}, call);
        } finally {
            onEmptied = () -> {};
        }
        return emptied;
    }

    /**
     * Makes a call, with somebody who comes in each time that the grantee's TLBs are about to be flushed, and remember all that they know.
     *
     * @param intruder what is done each time
     * @param call what is interrupted
     * @return how often it came in
     */
    public int beforeFlush(Runnable intruder, Runnable call) {
        flushes = 0;
        onFlushing = intruder;
        try {
            during(access -> {}, call);
        } finally {
            onFlushing = () -> {};
        }
        return flushes;
    }

    /**
     * Makes a call to which the frame table refuses one thing: a frame, a reference or a type. So it does where memory is short, a count is full or
     * a page is just becoming something else.
     *
     * @param request which of the things that the call asks for is refused, counted from 0
     * @param call what is refused
     * @return whether it asked so often; false: it got all
     */
    public boolean refusing(int request, Runnable call) {
        asked = 0;
        refused = request;
        try {
            during(access -> {}, call);
        } finally {
            refused = NOBODY;
        }
        return asked > request;
    }

    /**
     * Makes a call, with somebody who comes in once, before it asks the frame table for something: a frame, a reference or a type.
     *
     * @param request before which of the things that the call asks for, counted from 0
     * @param intruder what is done then; what it asks for itself does not count
     * @param call what is interrupted
     * @return whether it asked so often; false: nobody came in
     */
    public boolean beforeRequest(int request, Runnable intruder, Runnable call) {
        onRequest = intruder;
        try {
            return refusing(request, call);
        } finally {
            onRequest = null;
        }
    }

    /** By any thread, for each thing that it asks the frame table for. */
    private boolean refuses() {
        if (refused == NOBODY || interrupted != Thread.currentThread() || asked++ != refused) {
            return false;
        }
        Runnable intruder = onRequest;
        if (intruder != null) {
            uninterrupted(intruder);
        }
        return intruder == null;
    }

    private void during(Intruder next, Runnable call) {
        intruder = next;
        accesses = 0;
        interrupted = Thread.currentThread();
        try {
            call.run();
        } finally {
            interrupted = null;
        }
    }

    /** By any thread, before each access to any memory. */
    private void before(String method, long address) {
        if (interrupted != Thread.currentThread() || !isGranters(address)) {
            return;
        }
        if (accesses == BOUND) {
            throw new IllegalStateException("a call that looks " + BOUND + " times at shared memory has no bound");
        }
        int access = accesses++;
        uninterrupted(() -> intruder.comeIn(access));
    }

    /** By any thread, after each place of any domain's. */
    private void emptied(int domid) {
        if (interruptsCallAbout(domid)) {
            emptied++;
            uninterrupted(onEmptied);
        }
    }

    /** By any thread, before each flush of any domain's TLBs. */
    private void flushing(int domid) {
        if (interruptsCallAbout(domid)) {
            flushes++;
            uninterrupted(onFlushing);
        }
    }

    private boolean interruptsCallAbout(int domid) {
        return interrupted == Thread.currentThread() && domid == World.GRANTEE;
    }

    private void uninterrupted(Runnable work) {
        interrupted = null;
        try {
            work.run();
        } finally {
            interrupted = Thread.currentThread();
        }
    }

    private boolean isGranters(long address) {
        FrameTable books = frames;
        return books != null && books.owner(Page.frame(address)) == World.GRANTER;
    }

    /** The same with paging modes whose places are watched. */
    Installed paging(Installed installed) {
        Installed watched = installed;
        for (PagingModeProvider mode : installed.pagingModes()) {
            watched = watched.with(new WatchedPaging(mode, watcher()));
        }
        return watched;
    }

    private WatchedPaging.Watcher watcher() {
        return new WatchedPaging.Watcher() {
            @Override
            public void emptied(int domid) {
                Interruption.this.emptied(domid);
            }

            @Override
            public void flushing(int domid) {
                Interruption.this.flushing(domid);
            }
        };
    }

    /** What the machine gets in the place of the real one. */
    MemoryProvider memory() {
        return new MemoryProvider() {
            @Override
            public String name() {
                return real.name();
            }

            @Override
            public MachineRam create(RamLayout layout, Behaviour behaviour) {
                MachineRam ram = real.create(layout, behaviour);
                frames = ram.frames();
                return new WatchedRam(
                        ram,
                        WatchedMemory.of(ram.memory(), Interruption.this::before),
                        WatchedFrames.of(ram.frames(), Interruption.this::refuses));
            }
        };
    }
}
