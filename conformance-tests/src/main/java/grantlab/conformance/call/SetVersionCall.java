package grantlab.conformance.call;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.SetVersion;

/**
 * GNTTABOP_set_version.
 *
 * @param version wanted
 */
public record SetVersionCall(int version) implements Call<Version> {
    @Override
    public int operation() {
        return GnttabOp.SET_VERSION;
    }

    @Override
    public int size() {
        return SetVersion.SIZE;
    }

    @Override
    public void write(Struct struct) {
        struct.put32(SetVersion.VERSION, version);
    }

    @Override
    public Version read(Struct struct, long rc) {
        return new Version(rc, struct.get32(SetVersion.VERSION));
    }

    @Override
    public String text(Names names) {
        return "set_version v=" + Integer.toUnsignedString(version);
    }
}
