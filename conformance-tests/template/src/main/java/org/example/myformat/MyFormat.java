package org.example.myformat;

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

/** The format: one page of the granter's for each grantee. */
final class MyFormat implements TreeFormat {
    private static final int LEVELS = 1;

    private final MachineMemory memory;
    private final FrameTable frames;

    MyFormat(MachineMemory memory, FrameTable frames) {
        this.memory = memory;
        this.frames = frames;
    }

    @Override
    public int maxLevels() {
        return LEVELS;
    }

    /** The page is held for as long as the table lives, so that it can become nobody else's. */
    @Override
    public int open(PhysicalMap granter, int granterDomid, long rootGfn, int levels, long indexLimit, Opened result) {
        if (levels != LEVELS || indexLimit < 1) {
            return Status.BAD_SIZE;
        }
        long page = granter.frameToGrant(rootGfn);
        if (page < 0 || frames.isShared(page) || !frames.get(page, Page.ORDER_4K, granterDomid)) {
            return Status.BAD_PAGE;
        }
        result.table = new MyFormatTable(memory, frames, page, Math.min(indexLimit, MyFormatEntry.COUNT));
        return Status.OKAY;
    }

    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        long page = granter.allocatePages(Page.ORDER_4K);
        long base =
                page < 0 ? Status.NO_SPACE : granter.createTree(peer, deviceId, page, LEVELS, MyFormatEntry.COUNT);
        if (base < 0) {
            throw new IllegalStateException("tree_create answers " + base);
        }
        return new MyFormatGuest(granter.vcpu(), page, base);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(new Codec());
    }

    /** For scripts and reports. No reference leads to an entry in the granter's memory. */
    private static final class Codec implements EntryCodec {
        @Override
        public String verb() {
            return "entry";
        }

        @Override
        public List<Field> fields() {
            return List.of(new Field("entry", 0, MyFormatEntry.BYTES, true));
        }

        @Override
        public int bytes() {
            return MyFormatEntry.BYTES;
        }

        @Override
        public long address(TableFrames tableFrames, long index) {
            return -1;
        }
    }
}
