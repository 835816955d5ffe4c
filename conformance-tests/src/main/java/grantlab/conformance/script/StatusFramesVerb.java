package grantlab.conformance.script;

import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GetStatusFrames;
import grantlab.api.abi.GnttabOp;
import java.util.Map;

/** {@code status_frames}: GNTTABOP_get_status_frames. */
final class StatusFramesVerb implements GrantVerb {
    @Override
    public int command() {
        return GnttabOp.GET_STATUS_FRAMES;
    }

    @Override
    public int size() {
        return GetStatusFrames.SIZE;
    }

    @Override
    public Map<String, Operand> fields() {
        return Map.of("dom", Operand.DOMAIN, "nr", Operand.NUMBER, "list", Operand.ADDRESS);
    }

    @Override
    public void encode(Operation operation, ArgumentStruct struct, int element) {
        struct.set32(GetStatusFrames.NR_FRAMES, operation.operands.number("nr", 1));
        struct.set16(GetStatusFrames.DOM, operation.operands.domain("dom", Domid.SELF));
        struct.set16(GetStatusFrames.STATUS, Result.UNSET_STATUS);
        struct.set64(GetStatusFrames.FRAME_LIST, FrameList.prepare(operation, element));
    }

    @Override
    public void decode(Operation operation, ArgumentStruct struct, int element) {
        short status = struct.get16(GetStatusFrames.STATUS);
        operation.result.status(status);
        if (status == Status.OKAY) {
            FrameList.print(operation, element, struct.get32(GetStatusFrames.NR_FRAMES));
        }
    }
}
