package grantlab.conformance.script;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.memory.Page;
import java.util.Map;

/** {@code map}: GNTTABOP_map_grant_ref. */
final class MapVerb implements GrantVerb {
    /** What the output fields hold before the call. */
    private static final int UNSET_HANDLE = 0xfffffff0;

    private static final long UNSET_BUS_ADDRESS = 0xdead000;

    private static final int NO_HANDLE = -1;

    @Override
    public int command() {
        return GnttabOp.MAP_GRANT_REF;
    }

    @Override
    public int size() {
        return MapGrantRef.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of(
                "addr", Operand.ADDRESS,
                "flags", Operand.NUMBER,
                "dom", Operand.DOMAIN,
                "ref", Operand.NUMBER,
                "out", Operand.VARIABLE);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        Operands operands = operation.operands;
        struct.set64(MapGrantRef.HOST_ADDR, operands.address("addr"));
        struct.set32(MapGrantRef.FLAGS, operands.number("flags", Gntmap.HOST_MAP));
        struct.set32(MapGrantRef.REF, operands.number("ref", 0));
        struct.set16(MapGrantRef.DOM, operands.domain("dom", operation.executor.domid));
        struct.set16(MapGrantRef.STATUS, Result.UNSET_STATUS);
        struct.set32(MapGrantRef.HANDLE, UNSET_HANDLE);
        struct.set64(MapGrantRef.DEV_BUS_ADDR, UNSET_BUS_ADDRESS);
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        short status = struct.get16(MapGrantRef.STATUS);
        operation.result.status(status);
        int handle = struct.get32(MapGrantRef.HANDLE);
        if (handle != UNSET_HANDLE) {
            operation.result.word("h=#" + operation.executor.handles.numberOf(handle));
            if (operation.world.printsRawHandles()) {
                operation.result.word("raw=" + Integer.toUnsignedString(handle));
            }
        }
        long busAddress = struct.get64(MapGrantRef.DEV_BUS_ADDR);
        if (busAddress != UNSET_BUS_ADDRESS) {
            operation.result.word("dev=" + operation.world.frameNames().ofMachineFrame(Page.frame(busAddress)));
            if (Page.offset(busAddress) != 0) {
                operation.result.append("+" + Integer.toHexString(Page.offset(busAddress)));
            }
        }
        operation.operands.keep("out", status == Status.OKAY ? handle : NO_HANDLE);
    }
}
