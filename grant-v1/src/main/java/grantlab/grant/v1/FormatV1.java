package grantlab.grant.v1;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.MachineMemory;
import java.util.List;

/** Version 1: 512 entries in a frame, no status frames. */
final class FormatV1 implements FlatFormat {
    private final MachineMemory memory;

    FormatV1(MachineMemory memory) {
        this.memory = memory;
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public int entriesPerFrame() {
        return EntryV1.ENTRIES_PER_FRAME;
    }

    @Override
    public long frameLimit() {
        return 1L << 32;
    }

    @Override
    public int statusFrames(int sharedFrames) {
        return 0;
    }

    @Override
    public FlatTable open(TableFrames frames) {
        return new TableV1(memory, frames);
    }

    /** Every domain starts with a version 1 table of one frame: the guest only has to look at it. */
    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        long firstFrame = granter.tableFrame(0);
        if (firstFrame < 0) {
            throw new IllegalStateException("the first frame of the grant table cannot be made visible");
        }
        return new GuestTableV1(granter.vcpu(), firstFrame);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(CodecV1.INSTANCE);
    }
}
