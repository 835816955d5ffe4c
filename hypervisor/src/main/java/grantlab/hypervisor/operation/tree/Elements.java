package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.V3Batch;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;

/** The array of a v3 call: a struct that says where the elements are, all in one page (grant-v3.md, ABI-13 to ABI-17). */
final class Elements {
    private static final StructForm BATCH = new StructForm(V3Batch.SIZE, V3Batch.DONE, 0);

    private Elements() {}

    /** Works on the element in the caller's arguments; what it leaves there is written back. */
    @FunctionalInterface
    interface Element {
        /** Performs it and leaves its status in it. */
        void perform(Caller caller, FrameArguments element);
    }

    /**
     * Runs through the array.
     *
     * @param size bytes of an element
     * @return zero or a negated errno; the batch says how many elements were done
     */
    static long run(Caller caller, long address, int size, Element element) {
        long machine = BATCH.read(caller, address);
        if (machine < 0) {
            return machine;
        }
        FrameArguments arguments = caller.frameArguments();
        long offset = arguments.u32(V3Batch.OFFSET);
        long count = arguments.u32(V3Batch.COUNT);
        boolean fits = BATCH.judge(arguments, machine) == 0
                && arguments.u32(V3Batch.ELEMENT_SIZE) == size
                && offset % Long.BYTES == 0
                && offset + count * size <= Page.SIZE;
        if (!fits) {
            return -Errno.EINVAL;
        }
        long array = arguments.array(arguments.u64(V3Batch.FIRST_GFN));
        if (array < 0) {
            return -Errno.EFAULT;
        }
        int done = 0;
        for (; done < count && caller.domain().running(); done++) {
            long at = array + offset + (long) done * size;
            arguments.read(at, size);
            element.perform(caller, arguments);
            arguments.write(at, size);
        }
        arguments.store32(machine + V3Batch.DONE, done);
        return 0;
    }
}
