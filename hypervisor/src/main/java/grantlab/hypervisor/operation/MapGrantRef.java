package grantlab.hypervisor.operation;

import static grantlab.api.abi.MapGrantRef.DEV_BUS_ADDR;
import static grantlab.api.abi.MapGrantRef.DOM;
import static grantlab.api.abi.MapGrantRef.FLAGS;
import static grantlab.api.abi.MapGrantRef.HANDLE;
import static grantlab.api.abi.MapGrantRef.HOST_ADDR;
import static grantlab.api.abi.MapGrantRef.REF;
import static grantlab.api.abi.MapGrantRef.SIZE;
import static grantlab.api.abi.MapGrantRef.STATUS;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.grant.Leaf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Grants;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** GNTTABOP_map_grant_ref (xen-semantics 2.1): the rows of its table, in their order. */
@MachineScoped
public final class MapGrantRef {
    private final Domains domains;
    private final Pinning pinning;
    private final FrameTable frames;

    @Inject
    MapGrantRef(Domains domains, Pinning pinning, Ground ground) {
        this.domains = domains;
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /**
     * Maps each element of the array. The whole struct is written back, also of an element that failed.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        GuestArguments arguments = caller.arguments();
        for (long i = 0; i < count; i++) {
            long element = array + i * SIZE;
            if (!arguments.read(element, SIZE)) {
                return -Errno.EFAULT;
            }
            int status = map(caller, arguments);
            boolean crash = status == Status.CRASH_CALLER;
            arguments.set16(STATUS, crash ? Status.GENERAL_ERROR : Answers.checked(status));
            boolean written = arguments.writeBack(element, SIZE);
            if (crash) {
                caller.domain().crash();
                return 0;
            }
            if (!written) {
                return -Errno.EFAULT;
            }
        }
        return 0;
    }

    private int map(Caller caller, GuestArguments arguments) {
        int flags = (int) arguments.u32(FLAGS);
        if ((flags & (Gntmap.DEVICE_MAP | Gntmap.HOST_MAP)) == 0) {
            return Status.BAD_GNTREF;
        }
        int admitted = caller.domain().addressSpace().admits(flags);
        if (admitted != Status.OKAY) {
            return admitted;
        }
        Domain granter = domains.find(arguments.u16(DOM));
        if (granter == null) {
            return Status.BAD_DOMAIN;
        }
        Maptrack maptrack = caller.domain().maptrack();
        int handle = maptrack.take(caller.vcpu());
        if (handle == Maptrack.NONE) {
            return Status.NO_SPACE;
        }
        int status = establish(caller, granter, arguments.u32(REF), arguments.u64(HOST_ADDR), flags, handle);
        if (status != Status.OKAY) {
            maptrack.giveBack(handle);
            return status;
        }
        arguments.set32(HANDLE, handle);
        arguments.set64(DEV_BUS_ADDR, Page.address(caller.pin.frame));
        return Status.OKAY;
    }

    private int establish(Caller caller, Domain granter, long reference, long hostAddress, int flags, int handle) {
        Grants grants = granter.grantTable().enter(caller.section()).grants();
        int access = MapFlags.access(flags);
        Leaf leaf = caller.leaf;
        Pin pin = caller.pin;
        int status = pinning.pinAndStay(granter, grants, reference, caller.domid(), access, leaf, pin);
        if (status != Status.OKAY) {
            return status;
        }
        try {
            status = install(caller, granter, hostAddress, flags, access);
            BusFrames bus = caller.domain().busFrames();
            if (bus != null && status == Status.OKAY) {
                status = enterForDevices(caller, granter, bus, access);
            }
            if (status == Status.OKAY) {
                record(caller, granter, grants, reference, flags, handle);
            } else {
                pin.word = pinning.withoutUse(grants, pin.act, pin.word, leaf.key, leaf.order, access);
            }
        } finally {
            grants.acts().unlock(pin.act, pin.word);
        }
        return status;
    }

    /** Rows 12 and 13. The pin's reference serves the device part if there is one, else the place. */
    private int install(Caller caller, Domain granter, long hostAddress, int flags, int access) {
        Pin pin = caller.pin;
        boolean device = (access & Access.DEVICE) != 0;
        if (device && !FrameUse.DEVICE.holdType(frames, pin.frame, access, granter, caller.domain())) {
            frames.put(pin.frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        if ((access & Access.HOST) == 0) {
            return Status.OKAY;
        }
        if (device && !frames.get(pin.frame, Page.ORDER_4K, granter.domid())) {
            FrameUse.DEVICE.release(frames, pin.frame, access, granter, caller.domain());
            return Status.GENERAL_ERROR;
        }
        int status = installHost(caller, granter, hostAddress, flags, access);
        if (status != Status.OKAY && device) {
            FrameUse.DEVICE.release(frames, pin.frame, access, granter, caller.domain());
        }
        return status;
    }

    private int installHost(Caller caller, Domain granter, long hostAddress, int flags, int access) {
        long frame = caller.pin.frame;
        if (!FrameUse.HOST.holdType(frames, frame, access, granter, caller.domain())) {
            frames.put(frame, Page.ORDER_4K);
            return Status.GENERAL_ERROR;
        }
        int status = caller.domain()
                .addressSpace()
                .map(hostAddress, flags, frame, Page.ORDER_4K, access & (Access.READ | Access.WRITE), caller.mapped);
        if (status != Status.OKAY) {
            FrameUse.HOST.release(frames, frame, access, granter, caller.domain());
        }
        return status;
    }

    /** Row 14. */
    private int enterForDevices(Caller caller, Domain granter, BusFrames bus, int access) {
        int status = BusMapping.enter(frames, bus, caller.pin.frame, access, granter, caller.domain());
        if (status != Status.OKAY) {
            uninstall(caller, granter, access);
        }
        return status;
    }

    /** Undoes rows 12 and 13. The place may hold something else by now: then whoever changed it let go of the frame. */
    private void uninstall(Caller caller, Domain granter, int access) {
        long frame = caller.pin.frame;
        if ((access & Access.HOST) != 0) {
            AddressSpace space = caller.domain().addressSpace();
            int removed = space.remove(caller.mapped.place, Page.ORDER_4K, frame, caller.mapped);
            space.flush();
            if (removed == Status.OKAY) {
                FrameUse.HOST.release(frames, frame, caller.mapped.access, granter, caller.domain());
            }
        }
        if ((access & Access.DEVICE) != 0) {
            FrameUse.DEVICE.release(frames, frame, access, granter, caller.domain());
        }
    }

    /** The record of the reference is locked: whoever sees the use counted finds its mapping too. */
    private static void record(Caller caller, Domain granter, Grants grants, long reference, int flags, int handle) {
        Maptrack maptrack = caller.domain().maptrack();
        int act = caller.pin.act;
        maptrack.setPlace(handle, (flags & Gntmap.HOST_MAP) != 0 ? caller.mapped.place : Maptrack.NONE);
        maptrack.link(grants.acts(), act, handle);
        maptrack.publish(handle, Maptrack.mapping(flags & Gntmap.RECORDED, granter.domid(), reference));
    }
}
