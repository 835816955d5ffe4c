package grantlab.throwaway;

import grantlab.api.Status;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.grant.TreeFormat;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import java.util.List;

/** The format: a tree of one level. */
final class Ledger implements TreeFormat {
    /** As many as its indices need, though all of them lie in one page. */
    private static final int LEVELS = 2;

    private final MachineMemory memory;
    private final FrameTable frames;

    Ledger(MachineMemory memory, FrameTable frames) {
        this.memory = memory;
        this.frames = frames;
    }

    @Override
    public int maxLevels() {
        return LEVELS;
    }

    @Override
    public int open(PhysicalMap granter, int granterDomid, long rootGfn, int levels, long indexLimit, Opened result) {
        if (levels != LEVELS || indexLimit < 1 || indexLimit > (long) Line.LINES * Line.INDICES) {
            return Status.BAD_SIZE;
        }
        long root = granter.frameToGrant(rootGfn);
        if (root < 0 || frames.isShared(root) || !frames.get(root, Page.ORDER_4K, granterDomid)) {
            return Status.BAD_PAGE;
        }
        result.table = new LedgerTable(memory, frames, root, indexLimit);
        return Status.OKAY;
    }

    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        long page = granter.allocatePages(Page.ORDER_4K);
        long base = page < 0
                ? Status.NO_SPACE
                : granter.createTree(peer, deviceId, page, LEVELS, (long) Line.LINES * Line.INDICES);
        if (base < 0) {
            throw new IllegalStateException("tree_create answers " + base);
        }
        return new GuestLedger(granter.vcpu(), page, base);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(new EntryCodec() {
            @Override
            public String verb() {
                return "line";
            }

            @Override
            public List<Field> fields() {
                return List.of(new Field("line", 0, Long.BYTES, true));
            }

            @Override
            public int bytes() {
                return Line.BYTES;
            }

            @Override
            public long address(TableFrames tableFrames, long index) {
                return -1;
            }
        });
    }
}
