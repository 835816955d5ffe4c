package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3Head;
import grantlab.api.memory.Page;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.FrameArguments;

/**
 * The form of one argument struct of grants v3, and what is asked of every struct before its own rules (grant-v3.md, ABI-3 to ABI-8). A
 * record, since its components are constants to the compiler then: a struct is copied and judged without loops.
 *
 * @param size bytes
 * @param statusOffset where the answer goes
 * @param knownFlags of the head; 0 also for elements, which have no head
 * @param reserved the fields that must be zero
 */
record StructForm(int size, int statusOffset, long knownFlags, Reserved reserved) {
    /** Fields that must be zero. */
    @FunctionalInterface
    interface Reserved {
        /** All of them, put together by OR. */
        long bits(FrameArguments given);
    }

    /** What the struct asks for. */
    @FunctionalInterface
    interface Request {
        /** Performs it. @return the status */
        int perform(Caller caller, FrameArguments arguments);
    }

    /** Whether all reserved fields of the copy are zero. */
    boolean isClean(FrameArguments arguments) {
        return reserved.bits(arguments) == 0;
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
