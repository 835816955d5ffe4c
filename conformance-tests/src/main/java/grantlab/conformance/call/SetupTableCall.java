package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SetupTable;
import java.util.List;

/**
 * GNTTABOP_setup_table, with a list in the guest's page for lists.
 *
 * @param dom whose table
 * @param frames how many are wanted
 */
public record SetupTableCall(int dom, int frames) implements Call<FrameList> {
    /**
     * The caller's own table.
     *
     * @param frames how many are wanted
     * @return the call
     */
    public static SetupTableCall own(int frames) {
        return new SetupTableCall(Domid.SELF, frames);
    }

    @Override
    public int operation() {
        return GnttabOp.SETUP_TABLE;
    }

    @Override
    public int size() {
        return SetupTable.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put16(SetupTable.DOM, dom);
        struct.put32(SetupTable.NR_FRAMES, frames);
        struct.put16(SetupTable.STATUS, UNWRITTEN);
        struct.put64(SetupTable.FRAME_LIST, struct.list());
        Frames.prepare(struct, frames);
    }

    @Override
    public FrameList read(Struct struct, long rc) {
        List<Long> list = Frames.read(struct, frames);
        return new FrameList(rc, struct.status(SetupTable.STATUS), list);
    }

    @Override
    public String text(Names names) {
        return "setup dom=" + names.domain(dom) + " nr=" + Integer.toUnsignedString(frames);
    }
}
