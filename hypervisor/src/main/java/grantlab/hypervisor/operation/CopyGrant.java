package grantlab.hypervisor.operation;

import static grantlab.api.abi.Copy.DEST;
import static grantlab.api.abi.Copy.DEST_DOMID;
import static grantlab.api.abi.Copy.DEST_GREF;
import static grantlab.api.abi.Copy.DEST_OFFSET;
import static grantlab.api.abi.Copy.FLAGS;
import static grantlab.api.abi.Copy.LEN;
import static grantlab.api.abi.Copy.SIZE;
import static grantlab.api.abi.Copy.SOURCE;
import static grantlab.api.abi.Copy.SOURCE_DOMID;
import static grantlab.api.abi.Copy.SOURCE_GREF;
import static grantlab.api.abi.Copy.SOURCE_OFFSET;
import static grantlab.api.abi.Copy.STATUS;

import grantlab.api.Errno;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.mapping.Pin;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/**
 * GNTTABOP_copy (xen-semantics 2.7): the order of the checks is that of the 4.17.7 binary (2.7.2), and what both sides hold
 * stays held from element to element while they name the same (2.7.3).
 */
@MachineScoped
public final class CopyGrant {
    private static final int ATTEMPTS = 5;

    private final CopySides sides;
    private final MachineMemory memory;
    private final boolean copyOfNothingIsChecked;

    @Inject
    CopyGrant(CopySides sides, Ground ground) {
        this.sides = sides;
        this.memory = ground.memory();
        this.copyOfNothingIsChecked = ground.behaviour().copyOfNothingIsChecked();
    }

    /**
     * Copies each element of the array.
     *
     * @return zero or a negated errno
     */
    public long call(Caller caller, long array, long count) {
        try {
            return elements(caller, array, count);
        } finally {
            releaseBoth(caller);
            sides.forget(caller.source);
            sides.forget(caller.destination);
        }
    }

    private long elements(Caller caller, long array, long count) {
        GuestArguments arguments = caller.arguments();
        for (long i = 0; i < count; i++) {
            long element = array + i * SIZE;
            if (!arguments.read(element, SIZE)) {
                return -Errno.EFAULT;
            }
            int status = copySteadily(caller, arguments);
            if (status != Status.OKAY) {
                releaseBoth(caller);
            }
            if (!arguments.write16(element + STATUS, Answers.checked(status))) {
                return -Errno.EFAULT;
            }
        }
        return 0;
    }

    /**
     * An element that others came in between is started again. Xen does so without end, though the reason may stay: an entry
     * that is mapped and was rewritten into a grant of a grant. Here it ends with GNTST_eagain.
     */
    private int copySteadily(Caller caller, GuestArguments arguments) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int status = copy(caller, arguments);
            if (status != Status.RETRY) {
                return status;
            }
            releaseBoth(caller);
        }
        return Status.EAGAIN;
    }

    private int copy(Caller caller, GuestArguments arguments) {
        int flags = arguments.u16(FLAGS);
        int length = arguments.u16(LEN);
        if (length == 0 && !copyOfNothingIsChecked) {
            return Status.OKAY;
        }
        int sourceDomid = arguments.u16(SOURCE_DOMID);
        int destDomid = arguments.u16(DEST_DOMID);
        boolean sourceByReference = (flags & SOURCE_GREF) != 0;
        boolean destByReference = (flags & DEST_GREF) != 0;
        int status = Status.OKAY;
        if (caller.source.domid != sourceDomid || caller.destination.domid != destDomid) {
            status = lookUp(caller, sourceDomid, sourceByReference, destDomid, destByReference);
        }
        if (status == Status.OKAY) {
            status = sides.acquire(
                    caller, caller.source, sourceByReference, name(arguments, SOURCE, sourceByReference), false);
        }
        if (status == Status.OKAY) {
            status = sides.acquire(
                    caller, caller.destination, destByReference, name(arguments, DEST, destByReference), true);
        }
        return status == Status.OKAY
                ? move(caller, arguments.u16(SOURCE_OFFSET), arguments.u16(DEST_OFFSET), length)
                : status;
    }

    private static long name(GuestArguments arguments, int offset, boolean byReference) {
        return byReference ? arguments.u32(offset) : arguments.u64(offset);
    }

    private int lookUp(
            Caller caller, int sourceDomid, boolean sourceByReference, int destDomid, boolean destByReference) {
        releaseBoth(caller);
        sides.forget(caller.source);
        sides.forget(caller.destination);
        int status = sides.lookUp(caller, caller.source, sourceDomid, sourceByReference);
        if (status == Status.OKAY) {
            status = sides.lookUp(caller, caller.destination, destDomid, destByReference);
        }
        if (status != Status.OKAY) {
            sides.forget(caller.source);
        }
        return status;
    }

    /** Rows 9 to 12: the page first, then each window. */
    private int move(Caller caller, int sourceOffset, int destOffset, int length) {
        if (sourceOffset + length > Page.SIZE || destOffset + length > Page.SIZE) {
            return Status.BAD_COPY_ARG;
        }
        Pin source = caller.source.pin;
        Pin destination = caller.destination.pin;
        if (!within(source, sourceOffset, length) || !within(destination, destOffset, length)) {
            return Status.GENERAL_ERROR;
        }
        ForwardCopy.copy(
                memory,
                Page.address(source.frame) + sourceOffset,
                Page.address(destination.frame) + destOffset,
                length);
        return Status.OKAY;
    }

    private static boolean within(Pin pin, int offset, int length) {
        return offset >= pin.windowStart && offset + length <= pin.windowStart + pin.windowLength;
    }

    private void releaseBoth(Caller caller) {
        sides.release(caller, caller.source, false);
        sides.release(caller, caller.destination, true);
    }
}
