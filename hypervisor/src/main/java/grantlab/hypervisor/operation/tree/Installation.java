package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.paging.AddressSpace;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.Run;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.tree.RecordWord;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** A pinned leaf becomes a mapping (grant-v3.md, MAP-33): the references of each part, the place, what devices reach, the record. */
@MachineScoped
final class Installation {
    private final FrameTable frames;

    @Inject
    Installation(Ground ground) {
        this.frames = ground.frames();
    }

    /**
     * Installs all of it or nothing. The pin's reference is used up.
     *
     * @param order of the mapping
     * @param act of the leaf, or the reference of the flat table
     * @param frame the first
     * @return zero or a status
     */
    int install(Caller caller, Run run, int order, int act, long frame) {
        Domain grantee = caller.domain();
        int access = run.access;
        if (!Holding.take(frames, frame, order, access, run.granter(), grantee)) {
            return Status.BAD_PAGE;
        }
        long place = Records.NONE;
        if ((access & Access.HOST) != 0) {
            int status = place(caller, run, order, frame);
            if (status != Status.OKAY) {
                Holding.drop(frames, frame, order, access, run.granter(), grantee);
                return status;
            }
            place = caller.mapped.place;
        }
        int status = DeviceReach.begin(frame, access, run.granter(), grantee);
        if (status == Status.OKAY) {
            if (joined(caller, run, order, place, frame, act)) {
                tellDevices(run, frame, grantee);
                return Status.OKAY;
            }
            DeviceReach.end(frame, access, run.granter().domid(), grantee);
            status = Status.QUOTA;
        }
        takeBack(caller, run.granter(), order, frame, access);
        return status;
    }

    private static int place(Caller caller, Run run, int order, long frame) {
        boolean entry = (run.gntmapFlags & Gntmap.CONTAINS_PTE) != 0;
        // The address of a larger number would be that of another frame.
        if (!entry && Long.compareUnsigned(run.dest, Page.FRAME_LIMIT - run.done) >= 0) {
            return Status.GENERAL_ERROR;
        }
        long address = entry ? run.dest + (long) run.done * MapElement.ENTRY_BYTES : Page.address(run.dest + run.done);
        int right = run.access & (Access.READ | Access.WRITE);
        int status =
                caller.domain().addressSpace().mapBeside(address, run.gntmapFlags, frame, order, right, caller.mapped);
        return status == Status.CRASH_CALLER ? Status.GENERAL_ERROR : status;
    }

    /** @return false: there is no page for the index of the set */
    private static boolean joined(Caller caller, Run run, int order, long place, long frame, int act) {
        boolean alone = run.set == Records.ALONE_SET;
        boolean flat = run.tree() == null;
        int granter = run.granter().domid();
        int fates = fates(run, order);
        caller.records.fill(run.record, alone, run.access, fates, order, place, frame, granter, act, flat);
        return alone || caller.mapsets.append(run.set, run.record, 1 << order);
    }

    /** What stands in is a page, and stands in for a page. */
    private static int fates(Run run, int order) {
        return order == Page.ORDER_4K ? run.fates : run.fates & ~(RecordWord.STAND_INS | RecordWord.RESERVED);
    }

    /** Of the first page, for whom a machine address is an address of devices. */
    static void tellDevices(Run run, long frame, Domain grantee) {
        if (run.done == 0 && ((run.access & Access.DEVICE) != 0 || !grantee.translated())) {
            run.deviceAddress = Page.address(frame);
        }
    }

    /**
     * Nobody was told of the place yet, but a vCPU may have found it: it may hold something else by now, and then whoever changed it
     * let go of the frame.
     */
    private void takeBack(Caller caller, Domain granter, int order, long frame, int access) {
        AddressSpace space = caller.domain().addressSpace();
        boolean stood = (access & Access.HOST) != 0
                && space.remove(caller.mapped.place, order, frame, caller.mapped) == Status.OKAY;
        space.flush();
        if (stood) {
            int held = caller.mapped.access | Access.HOST;
            Holding.drop(frames, frame, order, held, granter, caller.domain());
        }
        Holding.drop(frames, frame, order, access & ~Access.HOST, granter, caller.domain());
    }
}
