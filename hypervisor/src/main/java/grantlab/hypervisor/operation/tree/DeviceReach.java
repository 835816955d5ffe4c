package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.passthrough.BusFrames;
import grantlab.hypervisor.passthrough.Passthrough;

/**
 * The part of a mapping that is for devices, where bus addresses are machine addresses: they reach the frame from map to unmap, and
 * what the part holds ({@link Holding}) keeps the frame. A domain's devices reach its own memory in any case.
 */
final class DeviceReach {
    private DeviceReach() {}

    /** They reach it now. @return zero, or GENERAL_ERROR and nothing has changed */
    static int begin(long frame, int access, Domain granter, Domain grantee) {
        BusFrames bus = grantee.busFrames();
        if (bus == null || (access & Access.DEVICE) == 0 || granter == grantee) {
            return Status.OKAY;
        }
        return bus.map(frame, access);
    }

    /** Whether devices may know yet of a mapping whose place is empty and which no CPU remembers. */
    static boolean lingers(int access, Domain grantee) {
        return grantee.translated()
                ? Announced.devicesShareMap(grantee) && (access & Access.HOST) != 0
                : grantee.busFrames() != null && (access & Access.DEVICE) != 0;
    }

    /** What devices write at a place faults again, from the next flush of the grantee's address space on. */
    static void unsink(long place, long scratch, Domain grantee) {
        Passthrough passthrough = grantee.passthrough();
        if (passthrough != null) {
            passthrough.unsink(place, scratch);
        }
    }

    /** Devices may write to the frame until the next flush of the grantee's address space. */
    static void downgrade(long frame, int access, int granter, Domain grantee) {
        BusFrames bus = grantee.busFrames();
        if (bus != null && (access & Access.DEVICE) != 0 && granter != grantee.domid()) {
            bus.downgrade(frame);
        }
    }

    /** Devices may reach the frame until the next flush of the grantee's address space. */
    static void end(long frame, int access, int granter, Domain grantee) {
        BusFrames bus = grantee.busFrames();
        if (bus != null && (access & Access.DEVICE) != 0 && granter != grantee.domid()) {
            bus.unmap(frame, access);
        }
    }
}
