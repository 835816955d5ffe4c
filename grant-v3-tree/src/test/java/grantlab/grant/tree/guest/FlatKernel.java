package grantlab.grant.tree.guest;

import grantlab.api.Status;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.grant.tree.TreeWorld;
import java.util.ArrayList;
import java.util.List;

/** A guest that sees its memory where its map says, and a hypervisor that knows of nothing but one tree. */
final class FlatKernel extends BareKernel {
    static final long REFERENCE = 0x0012_0340_0000_0000L;

    private final TreeWorld world;
    private final MachineMemory memory;
    private long value;

    /** What the hypervisor has, once the guest created it. */
    TreeTable table;

    /** What growTree and createTree answer without doing anything, unless zero. */
    int refusal;

    /** Calls of v3_invalidate: index and level. */
    final List<String> invalidated = new ArrayList<>();

    /** Pages that were taken and not given back. */
    final List<Long> pages = new ArrayList<>();

    FlatKernel(TreeWorld world) {
        this.world = world;
        this.memory = world.ram.memory();
    }

    private long machineAddress(long address) {
        return Page.address(world.mfn(Page.frame(address))) | Page.offset(address);
    }

    @Override
    public boolean translated() {
        return world.translated();
    }

    @Override
    public long allocatePages(int order) {
        long address = Page.address(world.page());
        pages.add(address);
        return address;
    }

    @Override
    public void freePages(long address, int order) {
        if (!pages.remove(address)) {
            throw new IllegalStateException("was not taken: " + address);
        }
    }

    @Override
    public long frameOf(long address) {
        return Page.frame(address);
    }

    @Override
    public long createTree(int peer, int deviceId, long rootAddress, int levels, long indexLimit) {
        TreeFormat.Opened opened = new TreeFormat.Opened();
        int status = refusal != 0
                ? refusal
                : world.format().open(world.map, TreeWorld.GRANTER, frameOf(rootAddress), levels, indexLimit, opened);
        table = opened.table;
        return status != 0 ? status : REFERENCE;
    }

    @Override
    public int growTree(long reference, long rootAddress, long indexLimit) {
        return refusal != 0 ? refusal : table.grow(frameOf(rootAddress));
    }

    @Override
    public int invalidateTree(long reference, int level) {
        table.invalidate(reference - REFERENCE, level);
        invalidated.add(Long.toHexString(reference - REFERENCE) + "@" + level);
        return Status.OKAY;
    }

    @Override
    public int load(long address, int bytes) {
        value = memory.load64Acquire(machineAddress(address));
        return 0;
    }

    @Override
    public long value() {
        return value;
    }

    @Override
    public int store(long address, int bytes, long stored) {
        memory.store64Release(machineAddress(address), stored);
        return 0;
    }

    @Override
    public int compareAndExchange(long address, int bytes, long expected, long replacement) {
        value = memory.compareAndExchange64(machineAddress(address), expected, replacement);
        return 0;
    }
}
