package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Head;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The array of a v3 call: a frame that says where the elements are, by frame number (grant-v3.md, section 16). */
@Singleton
final class Elements {
    private static final long MOST = 1 << 16;

    @Inject
    Elements() {}

    /** Works on the element in the caller's arguments; what it leaves there is written back. */
    @FunctionalInterface
    interface Element {
        void perform(Caller caller, GuestArguments element);
    }

    /** Runs through the array. @return zero or a negated errno; the frame says how many elements were done */
    long run(Caller caller, long address, int size, Element element) {
        GuestArguments arguments = caller.arguments();
        if (!arguments.read(address, V3Batch.SIZE)) {
            return -Errno.EFAULT;
        }
        long offset = arguments.u32(V3Batch.OFFSET);
        long count = arguments.u32(V3Batch.COUNT);
        long firstGfn = arguments.u64(V3Batch.FIRST_GFN);
        boolean fits = arguments.u16(V3Head.STRUCT_SIZE) == V3Batch.SIZE
                && arguments.u16(V3Head.VERSION) == V3Head.THREE
                && arguments.u32(V3Head.FLAGS) == 0
                && arguments.u32(V3Batch.ELEMENT_SIZE) == size
                && offset % Long.BYTES == 0
                && count <= MOST;
        if (!fits) {
            return -Errno.EINVAL;
        }
        long done = 0;
        boolean reachable = true;
        while (done < count && reachable && caller.domain().running()) {
            long at = offset + done * size;
            reachable = arguments.readFrame(caller.domain().physicalMap(), firstGfn, at, size);
            if (reachable) {
                element.perform(caller, arguments);
                reachable = arguments.writeFrame(caller.domain().physicalMap(), firstGfn, at, size);
                done++;
            }
        }
        boolean told = arguments.write32(address + V3Batch.DONE, done);
        return reachable && told ? 0 : -Errno.EFAULT;
    }
}
