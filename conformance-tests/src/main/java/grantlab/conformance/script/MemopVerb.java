package grantlab.conformance.script;

import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.MemoryReservation;
import grantlab.api.abi.RemoveFromPhysmap;
import java.util.List;
import java.util.Map;

/** {@code memop}: four operations of memory_op, each with one page of the executing domain. */
final class MemopVerb implements Verb {
    private static final int LIST = 0;

    /** What a PV domain of the recordings calls its page: only the machine-to-physical table keeps it. */
    private static final long PHYSICAL_NUMBERS_PER_DOMAIN = 0x1000;

    private static final int FIRST_PAGE = 16;

    /** What a call answers that was never made. */
    private static final long NOT_CALLED = -1;

    @Override
    public Map<String, Operand> keys() {
        return Map.of(
                "sub", Operand.MEMORY_OPERATION,
                "frame", Operand.FRAME,
                "space", Operand.NUMBER,
                "idx", Operand.NUMBER,
                "dom", Operand.DOMAIN);
    }

    @Override
    public List<String> required() {
        return List.of("sub");
    }

    @Override
    public void execute(Operation operation) {
        String sub = operation.line.argument("sub");
        if (sub == null) {
            operation.result.word("?sub");
            return;
        }
        operation.result.rc(
                switch (sub) {
                    case "decrease" -> decrease(operation);
                    case "populate" -> populate(operation);
                    case "remove" -> remove(operation);
                    case "add" -> add(operation);
                    default -> NOT_CALLED;
                });
    }

    private static long decrease(Operation operation) {
        return reservation(operation, MemoryOp.DECREASE_RESERVATION, operation.operands.frame("frame", 0));
    }

    private static long populate(Operation operation) {
        Symbol symbol = operation.operands.symbol("frame");
        Context executor = operation.executor;
        long frame = operation.operands.frame("frame", 0);
        if (symbol != null && symbol.isPage() && !executor.translated) {
            frame = PHYSICAL_NUMBERS_PER_DOMAIN * executor.domid + FIRST_PAGE + symbol.index();
        }
        long rc = reservation(operation, MemoryOp.POPULATE_PHYSMAP, frame);
        if (rc == 1 && symbol != null && symbol.isPage()) {
            rename(operation, symbol, executor.arguments().listEntry(LIST, 0));
        }
        return rc;
    }

    /** The symbol means the new frame now. */
    private static void rename(Operation operation, Symbol page, long answered) {
        Context owner = page.owner();
        if (operation.executor.translated) {
            long gfn = owner.guestFrame(page.index());
            long mfn = operation.world.machineFrame(owner, gfn, answered);
            operation.world.forget(mfn);
            owner.name(page.index(), gfn, mfn);
        } else {
            operation.world.forget(answered);
            owner.name(page.index(), answered, answered);
        }
    }

    private static long reservation(Operation operation, int command, long frame) {
        ArgumentPages arguments = operation.executor.arguments();
        arguments.writeListHead(LIST, frame);
        ArgumentStruct struct = ArgumentStruct.ofSize(MemoryReservation.SIZE);
        struct.set64(MemoryReservation.EXTENT_START, arguments.listAddress(LIST));
        struct.set64(MemoryReservation.NR_EXTENTS, 1);
        struct.set16(MemoryReservation.DOMID, Domid.SELF);
        return call(operation, command, struct);
    }

    private static long remove(Operation operation) {
        ArgumentStruct struct = ArgumentStruct.ofSize(RemoveFromPhysmap.SIZE);
        struct.set16(RemoveFromPhysmap.DOMID, Domid.SELF);
        struct.set64(RemoveFromPhysmap.GPFN, operation.operands.frame("frame", 0));
        return call(operation, MemoryOp.REMOVE_FROM_PHYSMAP, struct);
    }

    private static long add(Operation operation) {
        Operands operands = operation.operands;
        ArgumentStruct struct = ArgumentStruct.ofSize(AddToPhysmap.SIZE);
        struct.set16(AddToPhysmap.DOMID, operands.domain("dom", Domid.SELF));
        struct.set32(AddToPhysmap.SPACE, operands.number("space", AddToPhysmap.SPACE_GRANT_TABLE));
        struct.set64(AddToPhysmap.IDX, operands.number("idx", 0));
        struct.set64(AddToPhysmap.GPFN, operands.frame("frame", 0));
        return call(operation, MemoryOp.ADD_TO_PHYSMAP, struct);
    }

    private static long call(Operation operation, int command, ArgumentStruct struct) {
        ArgumentPages arguments = operation.executor.arguments();
        arguments.write(struct);
        return operation.hypercall(Hypercall.MEMORY_OP, command, arguments.address(), 0);
    }
}
