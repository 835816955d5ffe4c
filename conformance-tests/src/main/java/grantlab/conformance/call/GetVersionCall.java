package grantlab.conformance.call;

import grantlab.api.abi.Domid;
import grantlab.api.abi.GetVersion;
import grantlab.api.abi.GnttabOp;

/**
 * GNTTABOP_get_version.
 *
 * @param dom whose table
 */
public record GetVersionCall(int dom) implements Call<Version> {
    /** Stands in the field before the call. */
    public static final int UNWRITTEN_VERSION = 0x5a5a5a5a;

    /**
     * The caller's own table.
     *
     * @return the call
     */
    public static GetVersionCall own() {
        return new GetVersionCall(Domid.SELF);
    }

    @Override
    public int operation() {
        return GnttabOp.GET_VERSION;
    }

    @Override
    public int size() {
        return GetVersion.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put16(GetVersion.DOM, dom);
        struct.put32(GetVersion.VERSION, UNWRITTEN_VERSION);
    }

    @Override
    public Version read(Struct struct, long rc) {
        return new Version(rc, struct.get32(GetVersion.VERSION));
    }

    @Override
    public String text(Names names) {
        return "get_version dom=" + names.domain(dom);
    }
}
