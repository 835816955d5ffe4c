package grantlab.grant.v2;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.SetVersion;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.MachineMemory;
import java.util.List;

/** Version 2: 256 entries in a frame, and a status frame for each eight of them. */
final class FormatV2 implements FlatFormat {
    private static final int VERSION = 2;

    private final MachineMemory memory;

    FormatV2(MachineMemory memory) {
        this.memory = memory;
    }

    @Override
    public int version() {
        return VERSION;
    }

    @Override
    public int entriesPerFrame() {
        return EntryV2.ENTRIES_PER_FRAME;
    }

    @Override
    public long frameLimit() {
        return Long.MAX_VALUE;
    }

    @Override
    public int statusFrames(int sharedFrames) {
        return StatusWords.frames(sharedFrames);
    }

    @Override
    public FlatTable open(TableFrames frames) {
        return new TableV2(memory, frames);
    }

    /** set_version, then a look at the first shared and the first status frame. */
    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        long refused = setVersion(granter);
        if (refused != 0) {
            throw new IllegalStateException("set_version 2 is refused: " + refused);
        }
        long firstFrame = granter.tableFrame(0);
        long firstStatusFrame = granter.statusFrame(0);
        if (firstFrame < 0 || firstStatusFrame < 0) {
            throw new IllegalStateException("the first frames of the grant table cannot be made visible");
        }
        return new GuestTableV2(granter.vcpu(), firstFrame, firstStatusFrame);
    }

    private static long setVersion(GuestKernel granter) {
        Vcpu vcpu = granter.vcpu();
        long argument = granter.argumentPage();
        if (vcpu.store(argument + SetVersion.VERSION, Integer.BYTES, VERSION) != 0) {
            throw new IllegalStateException("the guest lost the page of its arguments");
        }
        return vcpu.hypercall(Hypercall.GRANT_TABLE_OP, GnttabOp.SET_VERSION, argument, 1);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(CodecV2.PAGE, CodecV2.TRANSITIVE);
    }
}
