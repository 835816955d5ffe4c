package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.V3Batch;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.ElementArray;
import grantlab.hypervisor.caller.FrameArguments;

/**
 * The array of a v3 call: a struct that says where the elements are, all in one page (grant-v3.md, ABI-13 to ABI-17). Each operation
 * has the loop over them itself, so that it is compiled by itself, with the size of its elements a constant:
 *
 * <pre>
 *     for (boolean more = Elements.begin(caller, address, SIZE); more; more = Elements.next(caller, SIZE)) {
 *         ...                                  // on the copy in the caller's arguments, where its answer goes
 *     }
 *     return caller.elements.result;
 * </pre>
 */
final class Elements {
    private static final StructForm BATCH = new StructForm(V3Batch.SIZE, V3Batch.DONE, 0, given -> 0);

    private Elements() {}

    /**
     * Finds the array, and copies its first element in.
     *
     * @param size bytes of an element
     * @return false: there is none to work on; the result says why
     */
    static boolean begin(Caller caller, long address, int size) {
        ElementArray elements = caller.elements;
        long found = find(caller, address, size);
        elements.result = Math.min(0, found);
        return found >= 0 && load(caller, size);
    }

    /** @return zero or a negated errno */
    private static long find(Caller caller, long address, int size) {
        long head = BATCH.read(caller, address);
        if (head < 0) {
            return head;
        }
        FrameArguments arguments = caller.frameArguments();
        long offset = arguments.u32(V3Batch.OFFSET);
        long count = arguments.u32(V3Batch.COUNT);
        boolean fits = BATCH.judge(arguments, head) == 0
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
        caller.elements.begin(head, array + offset, (int) count);
        return 0;
    }

    /**
     * Writes an element back with its answer, and copies the next one in.
     *
     * @param size bytes of an element
     * @return false: that was the last, or the caller's domain is dying; the batch says how many were done
     */
    static boolean next(Caller caller, int size) {
        caller.frameArguments().write(caller.elements.at(), size);
        caller.elements.advance(size);
        return load(caller, size);
    }

    private static boolean load(Caller caller, int size) {
        ElementArray elements = caller.elements;
        FrameArguments arguments = caller.frameArguments();
        if (elements.left() == 0 || !caller.domain().running()) {
            arguments.store32(elements.head() + V3Batch.DONE, elements.done());
            return false;
        }
        arguments.read(elements.at(), size);
        return true;
    }
}
