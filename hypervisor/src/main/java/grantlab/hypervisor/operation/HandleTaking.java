package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.revocation.MappingSearch;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.BitSet;

/**
 * Takes back mappings that operation 0 made of references through which nothing new can begin (grant-v3.md, 8.2, phases 3 and 5):
 * first places and devices, and after a flush what they held. The handles stay until their grantee acknowledges.
 */
@MachineScoped
public final class HandleTaking {
    /** {@link #empty}: all places of the reference are empty. */
    public static final int ALL = 0;

    /** {@link #empty}: something may still be on its way to another place. */
    public static final int MISSED = 1;

    /** {@link #empty}: there is no room for more. */
    public static final int FULL = 2;

    private final FrameTable frames;
    private final MappingSearch search;

    @Inject
    HandleTaking(Ground ground, MappingSearch search) {
        this.frames = ground.frames();
        this.search = search;
    }

    /** What is taken between two flushes: mappings of one grantee. */
    public static final class Batch {
        private static final int CAPACITY = 32;

        /** The place held nothing, or there was none. */
        private static final int NOTHING = 0;

        private final int[] handles = new int[CAPACITY];
        private final long[] frames = new long[CAPACITY];
        private final int[] held = new int[CAPACITY];
        private int most = CAPACITY;
        private int size;

        /** Empty. */
        public Batch() {}

        /** How many mappings wait for the flush. */
        public int size() {
            return size;
        }

        /**
         * Others wait for the same flush.
         *
         * @param others how many, at most 32
         */
        public void leaveRoom(int others) {
            most = CAPACITY - others;
        }

        private boolean full() {
            return size >= most;
        }

        private boolean has(int handle) {
            for (int i = 0; i < size; i++) {
                if (handles[i] == handle) {
                    return true;
                }
            }
            return false;
        }

        private void add(int handle, long frame, int access) {
            handles[size] = handle;
            frames[size] = frame;
            held[size++] = access;
        }
    }

    /** Whether the CPU reaches a frame by one of the handles of a reference, whose act is locked. */
    public static boolean reachedByCpu(Maptrack maptrack, Acts acts, int act) {
        for (int handle = acts.firstHandle(act); handle != Maptrack.NONE; handle = maptrack.next(handle)) {
            if ((Maptrack.flags(maptrack.mapping(handle)) & Gntmap.HOST_MAP) != 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Empties the places of a reference's mappings. The section in which this happens is the one in which {@link #finish} does.
     *
     * @param acts of the granter
     * @param act locked, and being taken back
     * @param batch of the grantee
     * @param believes whether a place that holds nothing is believed to at once
     * @param mapped scratch
     * @return {@link #ALL}, {@link #FULL} or {@link #MISSED}
     */
    public int empty(
            Domain granter,
            Domain grantee,
            Acts acts,
            int act,
            Batch batch,
            boolean believes,
            AddressSpace.Mapped mapped) {
        Emptying emptying = new Emptying(granter, grantee, acts.frame(act), batch, believes, mapped);
        return search.handlesOf(granter, acts, grantee, act, emptying::visit) ? emptying.found : FULL;
    }

    /** One look at all mappings of a reference, of which a search may show some twice. */
    private static final class Emptying {
        private final Domain granter;
        private final Domain grantee;
        private final long frame;
        private final Batch batch;
        private final boolean believes;
        private final AddressSpace.Mapped mapped;
        private final BitSet missed = new BitSet();

        /** ALL or MISSED. */
        private int found = ALL;

        private Emptying(
                Domain granter, Domain grantee, long frame, Batch batch, boolean believes, AddressSpace.Mapped mapped) {
            this.granter = granter;
            this.grantee = grantee;
            this.frame = frame;
            this.batch = batch;
            this.believes = believes;
            this.mapped = mapped;
        }

        private boolean visit(int handle) {
            if (batch.has(handle) || missed.get(handle)) {
                return true;
            }
            if (batch.full()) {
                return false;
            }
            Maptrack maptrack = grantee.maptrack();
            int held = emptyPlace(grantee, maptrack, handle, frame, mapped);
            if (held == Batch.NOTHING && isOfCpu(maptrack, handle) && !maptrack.missed(handle) && !believes) {
                missed.set(handle);
                found = MISSED;
            } else {
                BusFrames bus = grantee.busFrames();
                if (bus != null && granter != grantee) {
                    bus.unmap(frame, access(maptrack, handle));
                }
                batch.add(handle, frame, held);
            }
            return true;
        }
    }

    private static int access(Maptrack maptrack, int handle) {
        return MapFlags.access(Maptrack.flags(maptrack.mapping(handle)));
    }

    private static boolean isOfCpu(Maptrack maptrack, int handle) {
        return (access(maptrack, handle) & Access.HOST) != 0;
    }

    /** @return what the place held: READ or READ | WRITE, or NOTHING */
    private static int emptyPlace(
            Domain grantee, Maptrack maptrack, int handle, long frame, AddressSpace.Mapped mapped) {
        long place = maptrack.place(handle);
        if (Maptrack.isOrphaned(place)) {
            return Maptrack.orphanedAccess(place);
        }
        return isOfCpu(maptrack, handle)
                        && grantee.addressSpace().remove(Maptrack.address(place), Page.ORDER_4K, frame, mapped)
                                == Status.OKAY
                ? mapped.access
                : Batch.NOTHING;
    }

    /**
     * Drops what the mappings of a batch held, and the batch is empty again.
     *
     * @param batch whose grantee's address space was flushed since
     */
    public void finish(Domain granter, Domain grantee, Batch batch) {
        Maptrack maptrack = grantee.maptrack();
        for (int i = 0; i < batch.size; i++) {
            long frame = batch.frames[i];
            int use = access(maptrack, batch.handles[i]);
            if (batch.held[i] != Batch.NOTHING) {
                FrameUse.HOST.release(frames, frame, batch.held[i], granter, grantee);
            }
            if ((use & Access.DEVICE) != 0) {
                FrameUse.DEVICE.release(frames, frame, use, granter, grantee);
            }
            if (grantee.busFrames() != null && granter != grantee) {
                BusMapping.release(frames, frame, use, granter, grantee);
            }
            maptrack.setPlace(batch.handles[i], Maptrack.TAKEN);
        }
        batch.size = 0;
    }
}
