package org.example.handles;

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

/** The format: one page of descriptors for each receiver. */
final class MemoryHandles implements TreeFormat {
    /** As many as its indices need, though all of them lie in one page. */
    private static final int LEVELS = 2;

    private static final long INDEX_LIMIT = (long) Descriptor.COUNT * Descriptor.INDICES;

    private final MachineMemory memory;
    private final FrameTable frames;

    MemoryHandles(MachineMemory memory, FrameTable frames) {
        this.memory = memory;
        this.frames = frames;
    }

    @Override
    public int maxLevels() {
        return LEVELS;
    }

    /** The page is held for as long as the tree lives, so that it can become nobody else's. */
    @Override
    public int open(PhysicalMap granter, int granterDomid, long rootGfn, int levels, long indexLimit, Opened result) {
        if (levels != LEVELS || indexLimit < 1) {
            return Status.BAD_SIZE;
        }
        long page = granter.frameToGrant(rootGfn);
        if (page < 0 || frames.isShared(page) || !frames.get(page, Page.ORDER_4K, granterDomid)) {
            return Status.BAD_PAGE;
        }
        result.table = new HandleTable(memory, frames, page, Math.min(indexLimit, INDEX_LIMIT));
        return Status.OKAY;
    }

    @Override
    public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
        long page = granter.allocatePages(Page.ORDER_4K);
        long base = page < 0 ? Status.NO_SPACE : granter.createTree(peer, deviceId, page, LEVELS, INDEX_LIMIT);
        if (base < 0) {
            throw new IllegalStateException("tree_create answers " + base);
        }
        return new GuestHandles(granter.vcpu(), page, base);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(new DescriptorCodec());
    }

    /** Descriptors lie in the granter's memory, where no reference leads to them. */
    private static final class DescriptorCodec implements EntryCodec {
        @Override
        public String verb() {
            return "descriptor";
        }

        @Override
        public List<Field> fields() {
            return List.of(
                    new Field("address", Descriptor.ADDRESS, Long.BYTES, false),
                    new Field("state", 0, Long.BYTES, true));
        }

        @Override
        public int bytes() {
            return Descriptor.BYTES;
        }

        @Override
        public long address(TableFrames tableFrames, long index) {
            return -1;
        }
    }
}
