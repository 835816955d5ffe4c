package grantlab.conformance.fault;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TreeFormat;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.PhysicalMap;
import java.util.List;

/** A tree format that is the real one, but for what a fault overrides. */
class FaultyTreeFormat implements TreeFormat {
    final TreeFormat real;

    FaultyTreeFormat(TreeFormat real) {
        this.real = real;
    }

    @Override
    public int maxLevels() {
        return real.maxLevels();
    }

    @Override
    public int open(
            PhysicalMap granter,
            int granterDomid,
            long rootGfn,
            int levels,
            long indexLimit,
            TreeFormat.Opened result) {
        return real.open(granter, granterDomid, rootGfn, levels, indexLimit, result);
    }

    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        return real.bringUp(granter, peer, deviceId);
    }

    @Override
    public List<EntryCodec> codecs() {
        return real.codecs();
    }
}
