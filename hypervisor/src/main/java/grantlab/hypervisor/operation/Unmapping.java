package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.Unmapped;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * What unmap_grant_ref and unmap_and_replace share (xen-semantics 2.2): a first phase per element that takes mappings out,
 * and, after one flush for at most 32 of them, a second that lets the frames go and tells the granter.
 */
@MachineScoped
final class Unmapping {
    private final Domains domains;
    private final Pinning pinning;
    private final FrameTable frames;

    @Inject
    Unmapping(Domains domains, Pinning pinning, Ground ground) {
        this.domains = domains;
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /**
     * First phase of one element.
     *
     * @return zero, a status, or CRASH_CALLER
     */
    int takeOut(Caller caller, long handle, long hostAddress, long newAddress, long deviceAddress) {
        Maptrack maptrack = caller.domain().maptrack();
        if (handle >= maptrack.capacity()) {
            return Status.BAD_HANDLE;
        }
        int number = (int) handle;
        long mapping = maptrack.mapping(number);
        if (mapping == 0) {
            return Status.BAD_HANDLE;
        }
        Domain granter = domains.find(Maptrack.granter(mapping));
        if (granter == null) {
            return takeOutOfDead(maptrack, number, mapping);
        }
        Grants grants = granter.grantTable().enter(caller.section()).grants();
        long reference = Maptrack.reference(mapping);
        if (reference >= grants.table().size()) {
            return Status.BAD_HANDLE;
        }
        int act = grants.act(reference);
        int status =
                takeOut(caller, granter, grants.acts(), act, number, mapping, hostAddress, newAddress, deviceAddress);
        if (caller.unmapped.strayed()) {
            // Not before the lock of the one reference is let go: this takes those of others.
            moveStray(caller, granter, grants.acts(), mapping);
        }
        return status;
    }

    /** The granter is gone. Xen takes a handle of his for a fault of its own; what a revocation left over is no fault. */
    private static int takeOutOfDead(Maptrack maptrack, int number, long mapping) {
        if (maptrack.place(number) == Maptrack.FORSAKEN) {
            return acknowledgeForsaken(maptrack, number, mapping);
        }
        // Another vCPU may have acknowledged it since.
        return maptrack.mapping(number) == mapping ? Status.CRASH_CALLER : Status.BAD_HANDLE;
    }

    private int takeOut(
            Caller caller,
            Domain granter,
            Acts acts,
            int act,
            int number,
            long mapping,
            long hostAddress,
            long newAddress,
            long deviceAddress) {
        Maptrack maptrack = caller.domain().maptrack();
        long word = acts.lock(act);
        try {
            // Another vCPU may have been faster: only what is still there under the lock counts (XSA-218).
            long now = maptrack.mapping(number);
            if (now == 0 || !sameMapping(now, mapping)) {
                return Status.BAD_HANDLE;
            }
            long place = maptrack.place(number);
            if (Acts.taken(word) || place == Maptrack.FORSAKEN) {
                return takeOutClosed(caller, granter, acts, act, word, number, now, hostAddress, deviceAddress);
            }
            if (place != Maptrack.ESTRANGED) {
                return takeOutLocked(caller, granter, acts, act, number, now, hostAddress, newAddress, deviceAddress);
            }
            if (!namesAPart(now, hostAddress, deviceAddress)) {
                return Status.OKAY;
            }
            int heir = heir(caller, acts, act, word, now);
            if (heir == Maptrack.NONE) {
                return Status.GENERAL_ERROR;
            }
            maptrack.trade(acts, act, number, heir);
            int status = takeOutLocked(caller, granter, acts, act, number, now, hostAddress, newAddress, deviceAddress);
            if (status != Status.OKAY) {
                maptrack.trade(acts, act, heir, number);
            }
            return status;
        } finally {
            acts.unlock(act, word);
        }
    }

    /**
     * A reference was taken back (grant-v3.md, 8.2, phase 7): what its mapping held is gone, and unmap acknowledges that, part by
     * part, whatever stands at the address by now. Nothing is put there. While it is just being taken it is too early for that.
     */
    private static int takeOutClosed(
            Caller caller,
            Domain granter,
            Acts acts,
            int act,
            long word,
            int number,
            long mapping,
            long hostAddress,
            long deviceAddress) {
        Maptrack maptrack = caller.domain().maptrack();
        long place = maptrack.place(number);
        if (!namesAPart(mapping, hostAddress, deviceAddress)) {
            return Status.OKAY;
        }
        if (place == Maptrack.FORSAKEN) {
            return acknowledgeForsaken(maptrack, number, mapping);
        }
        if (Acts.revoking(word)) {
            return Status.EAGAIN;
        }
        if (place == Maptrack.ESTRANGED) {
            int heir = heir(caller, acts, act, word, mapping);
            if (heir == Maptrack.NONE) {
                return Status.GENERAL_ERROR;
            }
            maptrack.trade(acts, act, number, heir);
        }
        int flags = Maptrack.flags(mapping);
        int ended =
                (hostAddress != 0 ? flags & Gntmap.HOST_MAP : 0) | (deviceAddress != 0 ? flags & Gntmap.DEVICE_MAP : 0);
        caller.unmapped.add(granter, act, acts.frame(act), MapFlags.access((flags & ~MapFlags.PARTS) | ended));
        caller.unmapped.heldNothing();
        keepOrFree(maptrack, acts, act, number, mapping, flags & ~ended);
        return Status.OKAY;
    }

    private static int acknowledgeForsaken(Maptrack maptrack, int number, long mapping) {
        return maptrack.forget(number, mapping) ? Status.OKAY : Status.BAD_HANDLE;
    }

    /**
     * A mapping was undone at a place that is not its own (unmap accepts any place that matches). Whoever has that place gets its
     * own, so that each handle tells where its mapping really is: one of the same frame, and of the same right if there is one. A
     * physical map does not ask for the right (xen-semantics 6.6), so another may have had that place.
     */
    private static void moveStray(Caller caller, Domain granter, Acts acts, long mapping) {
        if (!moveOneOf(caller, granter, acts, mapping, Gntmap.READONLY)) {
            moveOneOf(caller, granter, acts, mapping, 0);
        }
        caller.unmapped.endStray();
    }

    /** @return whether somebody was found whose flags agree with a mapping's in those that are compared */
    private static boolean moveOneOf(Caller caller, Domain granter, Acts acts, long mapping, int compared) {
        Maptrack maptrack = caller.domain().maptrack();
        Unmapped unmapped = caller.unmapped;
        long place = unmapped.strayPlace();
        boolean moved = false;
        for (int other = 0; other < maptrack.capacity() && !moved; other++) {
            long its = maptrack.mapping(other);
            boolean kin = its != 0
                    && Maptrack.granter(its) == granter.domid()
                    && ((Maptrack.flags(its) ^ Maptrack.flags(mapping)) & compared) == 0
                    && maptrack.standsAt(other, place);
            moved = kin && moveOne(maptrack, acts, other, its, unmapped);
        }
        return moved;
    }

    /** Under the lock of its own reference, as whoever takes that back looks at it. */
    private static boolean moveOne(Maptrack maptrack, Acts acts, int handle, long mapping, Unmapped unmapped) {
        int act = (int) Maptrack.reference(mapping);
        long word = acts.lock(act);
        long now = maptrack.mapping(handle);
        boolean same = now != 0
                && sameMapping(now, mapping)
                && acts.frame(act) == unmapped.strayFrame()
                && maptrack.standsAt(handle, unmapped.strayPlace());
        if (same) {
            maptrack.setPlace(handle, unmapped.homeOfStray());
        }
        acts.unlock(act, word);
        return same;
    }

    /**
     * The granter of a handle is gone, and another domain has its number. Xen takes the handle for one of the new domain's: it
     * can unmap a mapping of the same reference, whose own handle is useless from then on.
     *
     * @return the handle whose mapping it can unmap, or NONE; it has the same parts and the same right
     */
    private static int heir(Caller caller, Acts acts, int act, long word, long mapping) {
        if (Acts.pins(word) == 0 || Acts.grantee(word) != caller.domid()) {
            return Maptrack.NONE;
        }
        Maptrack maptrack = caller.domain().maptrack();
        int own = Maptrack.flags(mapping) & (MapFlags.PARTS | Gntmap.READONLY);
        int handle = acts.firstHandle(act);
        while (handle != Maptrack.NONE
                && (Maptrack.flags(maptrack.mapping(handle)) & (MapFlags.PARTS | Gntmap.READONLY)) != own) {
            handle = maptrack.next(handle);
        }
        return handle;
    }

    private static boolean namesAPart(long mapping, long hostAddress, long deviceAddress) {
        int flags = Maptrack.flags(mapping);
        return (hostAddress != 0 && (flags & Gntmap.HOST_MAP) != 0)
                || (deviceAddress != 0 && (flags & Gntmap.DEVICE_MAP) != 0);
    }

    private static boolean sameMapping(long a, long b) {
        return Maptrack.granter(a) == Maptrack.granter(b) && Maptrack.reference(a) == Maptrack.reference(b);
    }

    private int takeOutLocked(
            Caller caller,
            Domain granter,
            Acts acts,
            int act,
            int handle,
            long mapping,
            long hostAddress,
            long newAddress,
            long deviceAddress) {
        int flags = Maptrack.flags(mapping);
        long frame = acts.frame(act);
        boolean device = deviceAddress != 0 && (flags & Gntmap.DEVICE_MAP) != 0;
        boolean host = hostAddress != 0 && (flags & Gntmap.HOST_MAP) != 0;
        if (device && deviceAddress != Page.address(frame)) {
            return Status.BAD_DEV_ADDR;
        }
        if (host) {
            int status = takeOutHost(caller, handle, hostAddress, newAddress, flags, frame);
            if (status != Status.OKAY) {
                return status;
            }
        }
        if (host || device) {
            int ended = (host ? Gntmap.HOST_MAP : 0) | (device ? Gntmap.DEVICE_MAP : 0);
            caller.unmapped.add(granter, act, frame, MapFlags.access((flags & ~MapFlags.PARTS) | ended));
            boolean freed = keepOrFree(caller.domain().maptrack(), acts, act, handle, mapping, flags & ~ended);
            BusFrames bus = caller.domain().busFrames();
            if (bus != null && freed && granter != caller.domain()) {
                bus.unmap(frame, MapFlags.access(flags));
                caller.unmapped.endsBusMapping();
            }
        }
        return Status.OKAY;
    }

    private static int takeOutHost(
            Caller caller, int handle, long hostAddress, long newAddress, int flags, long frame) {
        int right = MapFlags.access(flags) & (Access.READ | Access.WRITE);
        int status = caller.domain().addressSpace().unmap(hostAddress, newAddress, flags, frame, right, caller.mapped);
        long own = Maptrack.address(caller.domain().maptrack().place(handle));
        if (status == Status.OKAY && own != caller.mapped.place) {
            caller.unmapped.strays(caller.mapped.place, own, frame);
        }
        return status;
    }

    /** True: it was the last part, and the handle is free. */
    private static boolean keepOrFree(Maptrack maptrack, Acts acts, int act, int handle, long mapping, int left) {
        if ((left & MapFlags.PARTS) != 0) {
            if ((left & Gntmap.HOST_MAP) == 0 && maptrack.place(handle) >= 0) {
                maptrack.setPlace(handle, Maptrack.NONE);
            }
            maptrack.publish(handle, Maptrack.mapping(left, Maptrack.granter(mapping), Maptrack.reference(mapping)));
            return false;
        }
        maptrack.unlink(acts, act, handle);
        maptrack.publish(handle, 0);
        maptrack.giveBack(handle);
        return true;
    }

    /** Second phase: flush, then references, then pins, then the bits that the granter sees. */
    void finish(Caller caller) {
        Unmapped unmapped = caller.unmapped;
        if (unmapped.size() == 0) {
            return;
        }
        caller.domain().addressSpace().flush();
        Domain granter = unmapped.granter(0);
        Grants grants = granter.grantTable().enter(caller.section()).grants();
        for (int i = 0; i < unmapped.size(); i++) {
            if (granter != unmapped.granter(i)) {
                granter = unmapped.granter(i);
                grants = granter.grantTable().enter(caller.section()).grants();
            }
            int use = unmapped.use(i);
            if (unmapped.held(i)) {
                dropReferences(caller.domain(), granter, unmapped, i);
            }
            pinning.unpin(grants, unmapped.act(i), unmapped.act(i), Page.ORDER_4K, use);
        }
        unmapped.clear();
    }

    private void dropReferences(Domain grantee, Domain granter, Unmapped unmapped, int i) {
        int use = unmapped.use(i);
        if ((use & Access.DEVICE) != 0) {
            FrameUse.DEVICE.release(frames, unmapped.frame(i), use, granter, grantee);
        }
        if ((use & Access.HOST) != 0) {
            FrameUse.HOST.release(frames, unmapped.frame(i), use, granter, grantee);
        }
        if (unmapped.busMapping(i)) {
            BusMapping.release(frames, unmapped.frame(i), use, granter, grantee);
        }
    }
}
