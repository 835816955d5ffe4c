package grantlab.hypervisor.operation;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.caller.Unmapped;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;

/** The array of an unmap call: statuses are written before the flush, groups of 32 share one. */
@MachineScoped
final class UnmapBatch {
    /** First phase of one kind of element. */
    @FunctionalInterface
    interface Element {
        int takeOut(Caller caller, GuestArguments arguments);
    }

    private final Unmapping unmapping;

    @Inject
    UnmapBatch(Unmapping unmapping) {
        this.unmapping = unmapping;
    }

    long run(Caller caller, long array, long count, int size, int statusOffset, Element element) {
        long result = 0;
        for (long i = 0; i < count && result == 0 && caller.domain().running(); i++) {
            if (i % Unmapped.CAPACITY == 0) {
                unmapping.finish(caller);
            }
            result = one(caller, array + i * size, size, statusOffset, element);
        }
        // What was taken out is released also when a later element could not be read.
        unmapping.finish(caller);
        return result;
    }

    private static long one(Caller caller, long address, int size, int statusOffset, Element element) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, size)) {
            return -Errno.EFAULT;
        }
        int status = element.takeOut(caller, arguments);
        boolean crash = status == Status.CRASH_CALLER;
        boolean written = arguments.write16(address + statusOffset, crash ? Status.OKAY : Answers.checked(status));
        if (crash) {
            caller.domain().crash();
            return 0;
        }
        return written ? 0 : -Errno.EFAULT;
    }
}
