package grantlab.conformance.fault;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.guest.GuestKernel;
import java.util.List;

/** A flat format that is the real one, but for what a fault overrides. */
class FaultyFlatFormat implements FlatFormat {
    final FlatFormat real;

    FaultyFlatFormat(FlatFormat real) {
        this.real = real;
    }

    @Override
    public int version() {
        return real.version();
    }

    @Override
    public int entriesPerFrame() {
        return real.entriesPerFrame();
    }

    @Override
    public long frameLimit() {
        return real.frameLimit();
    }

    @Override
    public int statusFrames(int sharedFrames) {
        return real.statusFrames(sharedFrames);
    }

    @Override
    public FlatTable open(TableFrames frames) {
        return real.open(frames);
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
