package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;
import java.util.Arrays;
import java.util.stream.IntStream;

/** The form of one argument struct of grants v3, and what is asked of every struct before its own rules (grant-v3.md, ABI-3 to ABI-8). */
final class StructForm {
    private final int size;
    private final int statusOffset;
    private final long knownFlags;

    /** Where words with bits that must be zero are, and which bits. */
    private final int[] reservedOffsets;

    private final long[] reserved;

    /**
     * A form.
     *
     * @param size bytes
     * @param statusOffset where the answer goes
     * @param knownFlags of the head; 0 also for elements, which have no head
     * @param zeroRanges offset and length, offset and length, ...
     */
    StructForm(int size, int statusOffset, long knownFlags, int... zeroRanges) {
        this.size = size;
        this.statusOffset = statusOffset;
        this.knownFlags = knownFlags;
        long[] words = new long[size / Long.BYTES];
        for (int i = 0; i < zeroRanges.length; i += 2) {
            for (int at = zeroRanges[i]; at < zeroRanges[i] + zeroRanges[i + 1]; at++) {
                words[at >>> 3] |= 0xffL << ((at & 7) * Byte.SIZE);
            }
        }
        this.reservedOffsets = IntStream.range(0, words.length)
                .filter(word -> words[word] != 0)
                .map(word -> word * Long.BYTES)
                .toArray();
        this.reserved = Arrays.stream(words).filter(bits -> bits != 0).toArray();
    }

    /** What the struct asks for. */
    @FunctionalInterface
    interface Request {
        /** Performs it. @return the status */
        int perform(Caller caller, FrameArguments arguments);
    }

    /** Whether all reserved bytes of the copy are zero. */
    boolean isClean(FrameArguments arguments) {
        for (int i = 0; i < reserved.length; i++) {
            if ((arguments.u64(reservedOffsets[i]) & reserved[i]) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Takes hold of a struct and copies it in. @return its machine address, or a negated errno */
    long read(Caller caller, long address) {
        if ((address & Long.BYTES - 1) != 0 || Page.offset(address) + size > Page.SIZE) {
            return -Errno.EINVAL;
        }
        FrameArguments arguments = caller.frameArguments();
        long machine = arguments.struct(address);
        if (machine < 0) {
            return -Errno.EFAULT;
        }
        arguments.read(machine, size);
        boolean known = arguments.u16(V3Head.VERSION) == V3Head.THREE
                && arguments.u16(V3Head.STRUCT_SIZE) >= size
                && Page.offset(address) + arguments.u16(V3Head.STRUCT_SIZE) <= Page.SIZE;
        return known ? machine : -Errno.EINVAL;
    }

    /** What is wrong with the struct by its form alone: a tail or a flag that nobody knows, then reserved bytes. */
    int judge(FrameArguments arguments, long machine) {
        if (!arguments.isZero(machine + size, arguments.u16(V3Head.STRUCT_SIZE) - size)
                || (arguments.u32(V3Head.FLAGS) & ~knownFlags) != 0) {
            return Status.UNSUPPORTED;
        }
        return isClean(arguments) ? Status.OKAY : Status.INVAL;
    }

    /** One call with one struct. @return zero or a negated errno */
    long call(Caller caller, long address, Request request) {
        long machine = read(caller, address);
        if (machine < 0) {
            return machine;
        }
        FrameArguments arguments = caller.frameArguments();
        int status = judge(arguments, machine);
        arguments.set32(statusOffset, status != Status.OKAY ? status : request.perform(caller, arguments));
        arguments.write(machine, size);
        return 0;
    }
}
