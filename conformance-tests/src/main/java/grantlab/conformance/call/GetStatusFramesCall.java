package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GetStatusFrames;
import grantlab.api.abi.GnttabOp;
import java.util.List;

/**
 * GNTTABOP_get_status_frames, with a list in the guest's page for lists.
 *
 * @param dom whose table
 * @param frames how many are wanted
 */
public record GetStatusFramesCall(int dom, int frames) implements Call<FrameList> {
    /**
     * The caller's own table.
     *
     * @param frames how many are wanted
     * @return the call
     */
    public static GetStatusFramesCall own(int frames) {
        return new GetStatusFramesCall(Domid.SELF, frames);
    }

    @Override
    public int operation() {
        return GnttabOp.GET_STATUS_FRAMES;
    }

    @Override
    public int size() {
        return GetStatusFrames.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put32(GetStatusFrames.NR_FRAMES, frames);
        struct.put16(GetStatusFrames.DOM, dom);
        struct.put16(GetStatusFrames.STATUS, UNWRITTEN);
        struct.put64(GetStatusFrames.FRAME_LIST, struct.list());
        Frames.prepare(struct, frames);
    }

    @Override
    public FrameList read(Struct struct, long rc) {
        List<Long> list = Frames.read(struct, frames);
        return new FrameList(rc, struct.status(GetStatusFrames.STATUS), list);
    }

    @Override
    public String text(Names names) {
        return "status_frames dom=" + names.domain(dom) + " nr=" + Integer.toUnsignedString(frames);
    }
}
