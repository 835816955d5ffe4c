package grantlab.conformance.call;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.UnmapAndReplace;

/**
 * GNTTABOP_unmap_and_replace.
 *
 * @param handle the maptrack handle
 * @param hostAddress where it is mapped
 * @param newAddress whose entry moves there
 */
public record UnmapAndReplaceCall(int handle, long hostAddress, long newAddress) implements Call<Answer> {
    @Override
    public int operation() {
        return GnttabOp.UNMAP_AND_REPLACE;
    }

    @Override
    public int size() {
        return UnmapAndReplace.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put64(UnmapAndReplace.HOST_ADDR, hostAddress);
        struct.put64(UnmapAndReplace.NEW_ADDR, newAddress);
        struct.put32(UnmapAndReplace.HANDLE, handle);
        struct.put16(UnmapAndReplace.STATUS, UNWRITTEN);
    }

    @Override
    public Answer read(Struct struct, long rc) {
        return new Answer(rc, struct.status(UnmapAndReplace.STATUS));
    }

    @Override
    public String text(Names names) {
        return "replace h=" + Integer.toUnsignedLong(handle) + " addr=" + names.address(hostAddress) + " new="
                + names.address(newAddress);
    }
}
