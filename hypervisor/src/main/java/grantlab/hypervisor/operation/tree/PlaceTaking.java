package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.V3Revoke;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.UnmappedLeaves;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.PlainPage;
import grantlab.hypervisor.passthrough.Passthrough;
import grantlab.hypervisor.revocation.ZeroPage;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Reserve;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * Phases 3 and 4 of a revocation (grant-v3.md, 8.2) for mappings that were claimed: each place gets what its fate says, and when this
 * returns nobody reaches the frames through them. Where something stands in that is done after a first flush: a copy is made when
 * nobody writes any more.
 */
@MachineScoped
final class PlaceTaking {
    private final FrameTable frames;
    private final MachineMemory memory;
    private final ZeroPage zeros;

    @Inject
    PlaceTaking(Ground ground, ZeroPage zeros) {
        this.frames = ground.frames();
        this.memory = ground.memory();
        this.zeros = zeros;
    }

    /**
     * Takes. What the places held of the frames waits in the batch.
     *
     * @param granter whose frames
     * @param grantee whose places
     * @param batch claimed, and nothing done yet
     * @param asked what the granter would have
     * @param drains whether devices are waited for; else they may reach the frames yet
     * @param mapped scratch
     * @return what came of it
     */
    Taken take(
            Domain granter,
            Domain grantee,
            UnmappedLeaves batch,
            Fates asked,
            boolean drains,
            AddressSpace.Mapped mapped) {
        boolean standIns = false;
        for (int i = 0; i < batch.size(); i++) {
            int fate = batch.cpuFate(i, asked.cpu());
            if (fate == V3Revoke.CPU_FAULT) {
                lose(grantee, batch, i);
                UnmapSet.empty(grantee, batch, i, mapped);
            } else {
                standIns = true;
                DeviceReach.end(batch.frame(i), batch.access(i), batch.granter(i), grantee);
                if (fate == V3Revoke.CPU_SNAPSHOT) {
                    protect(grantee, batch, i, mapped);
                }
            }
        }
        flush(grantee, drains);
        int replaced = 0;
        if (standIns) {
            for (int i = 0; i < batch.size(); i++) {
                int fate = batch.cpuFate(i, asked.cpu());
                if (fate != V3Revoke.CPU_FAULT) {
                    dropType(granter, grantee, batch, i);
                    replaced += standIn(grantee, batch, i, fate, mapped) ? 1 : 0;
                }
            }
            flush(grantee, drains);
        }
        return new Taken(replaced, asked.sinks() ? sink(grantee, batch, asked.scratch()) : false);
    }

    /**
     * What came of a batch.
     *
     * @param replaced mappings for which something stands in
     * @param blocked whether devices are blocked from one whose writes were to vanish
     */
    record Taken(int replaced, boolean blocked) {}

    /** When devices have forgotten the frames: what they write at the places vanishes. @return whether some only fault */
    private boolean sink(Domain grantee, UnmappedLeaves batch, long scratch) {
        Passthrough passthrough = grantee.passthrough();
        boolean blocked = false;
        for (int i = 0; i < batch.size(); i++) {
            if (passthrough != null && DeviceReach.lingers(batch.access(i), grantee)) {
                blocked |= !batch.mayBeSunk(i) || !sink(grantee, passthrough, batch, i, scratch);
            }
        }
        return blocked;
    }

    private boolean sink(Domain grantee, Passthrough passthrough, UnmappedLeaves batch, int i, long scratch) {
        Records records = grantee.books().records();
        if (!hold(frames.owner(scratch), scratch, Access.READ | Access.WRITE)) {
            return false;
        }
        if (!passthrough.sink(records.place(batch.record(i)), scratch)) {
            PlainPage.drop(frames, scratch);
            return false;
        }
        records.sunk(batch.record(i), scratch);
        return true;
    }

    private static void flush(Domain grantee, boolean drains) {
        if (drains) {
            grantee.addressSpace().flush();
        } else {
            grantee.addressSpace().flushTlbs();
        }
    }

    /** Whether something stands in for what devices reach too, or swallows: a record names only one frame, so that they are waited for. */
    static boolean mustDrain(UnmappedLeaves batch, Fates asked) {
        if (asked.sinks()) {
            return true;
        }
        for (int i = 0; i < batch.size(); i++) {
            if (batch.cpuFate(i, asked.cpu()) != V3Revoke.CPU_FAULT && (batch.access(i) & Access.DEVICE) != 0) {
                return true;
            }
        }
        return false;
    }

    /** What is to be copied keeps still. */
    private static void protect(Domain grantee, UnmappedLeaves batch, int i, AddressSpace.Mapped mapped) {
        long frame = batch.frame(i);
        long place = grantee.books().records().place(batch.record(i));
        if (Access.writes(batch.access(i))
                && grantee.addressSpace().replace(place, Page.ORDER_4K, frame, frame, Access.READ, mapped)
                        == Status.OKAY) {
            batch.setHeld(i, mapped.access);
        }
    }

    /** The writable type that a place held before it was protected; it has the rest yet. */
    private void dropType(Domain granter, Domain grantee, UnmappedLeaves batch, int i) {
        if (batch.held(i) != UnmappedLeaves.NOTHING_HELD) {
            Holding.downgrade(frames, batch.frame(i), Page.ORDER_4K, batch.held(i) | Access.HOST, granter, grantee);
            batch.setHeld(i, UnmappedLeaves.NOTHING_HELD);
        }
    }

    /** @return false: the place holds something else by now, and that is let be */
    private boolean standIn(Domain grantee, UnmappedLeaves batch, int i, int fate, AddressSpace.Mapped mapped) {
        Records records = grantee.books().records();
        Reserve reserve = grantee.books().reserve();
        int access = batch.access(i) & (Access.READ | Access.WRITE);
        boolean own = batch.reserved(i);
        long frame = own ? reserve.take() : zeros.frame();
        if (!hold(own ? grantee.domid() : Domid.XEN, frame, access)) {
            // It has as many references as it can count: what cannot be given is nothing.
            lose(grantee, batch, i);
            UnmapSet.emptyPlace(grantee, batch, i, mapped);
            giveBack(reserve, own, frame);
            return false;
        }
        if (own) {
            fill(batch.frame(i), frame, fate);
        }
        long place = records.place(batch.record(i));
        int status = grantee.addressSpace().replace(place, Page.ORDER_4K, batch.frame(i), frame, access, mapped);
        if (status == Status.OKAY) {
            batch.setHeld(i, mapped.access);
            records.replaced(batch.record(i), frame);
            return true;
        }
        Holding.drop(frames, frame, Page.ORDER_4K, access | Access.HOST, grantee, grantee);
        giveBack(reserve, own, frame);
        return false;
    }

    /** What a CPU finds empty from now on was taken: known before it is empty, so that no access there passes for one to any hole. */
    private static void lose(Domain grantee, UnmappedLeaves batch, int i) {
        if ((batch.access(i) & Access.HOST) != 0) {
            grantee.books().takenPlaces().add(batch.record(i));
        }
    }

    private static void giveBack(Reserve reserve, boolean own, long frame) {
        if (own) {
            reserve.give(frame);
        }
    }

    private void fill(long from, long to, int fate) {
        if (fate == V3Revoke.CPU_SNAPSHOT) {
            memory.copy(Page.address(from), Page.address(to), Page.SIZE);
        } else {
            memory.fill(Page.address(to), Page.SIZE, (byte) 0);
        }
    }

    /** What a place is going to own. */
    private boolean hold(int owner, long page, int access) {
        if (!frames.get(page, Page.ORDER_4K, owner)) {
            return false;
        }
        if (Access.writes(access) && !frames.getType(page, FrameTable.TYPE_WRITABLE)) {
            frames.put(page, Page.ORDER_4K);
            return false;
        }
        return true;
    }
}
