package grantlab.hypervisor.guest;

import grantlab.api.Access;
import grantlab.api.abi.AddToPhysmap;
import grantlab.api.abi.AddToPhysmapBatch;
import grantlab.api.abi.Copy;
import grantlab.api.abi.Domid;
import grantlab.api.abi.GetStatusFrames;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.abi.MemoryOp;
import grantlab.api.abi.RemoveFromPhysmap;
import grantlab.api.abi.SetupTable;
import grantlab.api.abi.UnmapGrantRef;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/**
 * The kernel of the laboratory's guests, over nothing but its vCPU: it writes structs where Xen's header puts the fields
 * and calls with three registers.
 */
public final class LaboratoryKernel implements GuestKernel {
    private static final long PRESENT_WRITABLE_USER = 0x67;
    private static final int CALL_FAILED = -1000;

    /** Elements of map and unmap that fit a page of arguments. */
    private static final int BATCH = Page.SIZE / MapGrantRef.SIZE;

    private static final long LARGEST_ERRNO = 4095;

    private final Guest guest;
    private final Vcpu vcpu;
    private final Pool pages = new Pool(GuestLayout.NAMES);
    private final Pool slots = new Pool(GuestLayout.NAMES);
    private final Pool largePages;
    private final Pool largeSlots;
    private final TreeCalls trees;
    private final OwnTables tables;

    LaboratoryKernel(Guest guest, Vcpu vcpu) {
        this.guest = guest;
        this.vcpu = vcpu;
        int large = guest.translated() ? guest.layout().largePages() : 0;
        this.largePages = new Pool(large);
        this.largeSlots = new Pool(large);
        this.trees = new TreeCalls(guest, vcpu);
        this.tables = new OwnTables(this, guest.format());
    }

    @Override
    public Vcpu vcpu() {
        return vcpu;
    }

    @Override
    public long allocatePages(int order) {
        if (order != Page.ORDER_4K) {
            int block = largePages.take();
            return block < 0 ? -1 : GuestLayout.LARGE_BASE + block * GuestLayout.LARGE_BYTES;
        }
        int page = pages.take();
        if (page < 0) {
            return -1;
        }
        long address = guest.page(page);
        for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
            store(address + at, Long.BYTES, 0);
        }
        return address;
    }

    @Override
    public void freePages(long address, int order) {
        if (order != Page.ORDER_4K) {
            largePages.giveBack((int) ((address - GuestLayout.LARGE_BASE) / GuestLayout.LARGE_BYTES));
        } else {
            pages.giveBack((int) Page.frame(address - guest.page(0)));
        }
    }

    @Override
    public long frameOf(long address) {
        return guest.frameNumber(address);
    }

    @Override
    public boolean translated() {
        return guest.translated();
    }

    @Override
    public long allocateSlot(int order) {
        if (order != Page.ORDER_4K) {
            int hole = largeSlots.take();
            return hole < 0 ? -1 : GuestLayout.LARGE_SLOTS + hole * GuestLayout.LARGE_BYTES;
        }
        int slot = slots.take();
        return slot < 0 ? -1 : guest.slot(slot);
    }

    @Override
    public void freeSlot(long address, int order) {
        if (order != Page.ORDER_4K) {
            largeSlots.giveBack((int) ((address - GuestLayout.LARGE_SLOTS) / GuestLayout.LARGE_BYTES));
        } else {
            slots.giveBack((int) Page.frame(address - guest.slot(0)));
        }
    }

    @Override
    public long argumentPage() {
        return guest.argumentPages();
    }

    private long listPage() {
        return guest.argumentPages() + 2L * Page.SIZE;
    }

    @Override
    public long tableFrame(int n) {
        if (guest.translated()) {
            return placeTableFrame(n);
        }
        field(SetupTable.DOM, 2, Domid.SELF);
        field(SetupTable.NR_FRAMES, 4, n + 1L);
        field(SetupTable.FRAME_LIST, 8, listPage());
        boolean done = call(GnttabOp.SETUP_TABLE, 1) == 0 && field(SetupTable.STATUS) == 0;
        return done ? mapTableFrame(n) : -1;
    }

    @Override
    public long statusFrame(int n) {
        if (guest.translated()) {
            return placeTableFrame(n | AddToPhysmap.STATUS_FRAME);
        }
        field(GetStatusFrames.DOM, 2, Domid.SELF);
        field(GetStatusFrames.NR_FRAMES, 4, n + 1L);
        field(GetStatusFrames.FRAME_LIST, 8, listPage());
        boolean done = call(GnttabOp.GET_STATUS_FRAMES, 1) == 0 && field(GetStatusFrames.STATUS) == 0;
        return done ? mapTableFrame(n) : -1;
    }

    /** PV: the frame's number stands in the list; an entry of the guest's own page table shows it. */
    private long mapTableFrame(int n) {
        long slot = allocateSlot(Page.ORDER_4K);
        long frame = load(listPage() + (long) n * Long.BYTES, Long.BYTES);
        long entry = Page.address(frame) | PRESENT_WRITABLE_USER;
        return slot >= 0 && vcpu.hypercall(Hypercall.UPDATE_VA_MAPPING, slot, entry, 0) == 0 ? slot : -1;
    }

    /** HVM: the frame is put into the guest-physical map. */
    private long placeTableFrame(long index) {
        long slot = allocateSlot(Page.ORDER_4K);
        if (slot < 0) {
            return -1;
        }
        field(AddToPhysmap.DOMID, 2, Domid.SELF);
        field(AddToPhysmap.SPACE, 4, AddToPhysmap.SPACE_GRANT_TABLE);
        field(AddToPhysmap.IDX, 8, index);
        field(AddToPhysmap.GPFN, 8, Page.frame(slot));
        long result = vcpu.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP, argumentPage(), 0);
        if (result != 0) {
            freeSlot(slot, Page.ORDER_4K);
            return -1;
        }
        return slot;
    }

    @Override
    public GuestTable table(int peer, int deviceId) {
        return tables.table(peer, deviceId);
    }

    @Override
    public long allocateIndices(GuestTable table, int count) {
        return tables.indices(table).take(count);
    }

    @Override
    public void freeIndices(GuestTable table, long first, int count) {
        tables.indices(table).giveBack(first, count);
    }

    @Override
    public int findTree(int granter, int deviceId, FoundTree tree) {
        return trees.find(granter, deviceId, tree);
    }

    @Override
    public long createTree(int peer, int deviceId, long rootAddress, int levels, long indexLimit) {
        return trees.create(peer, deviceId, frameOf(rootAddress), levels, indexLimit);
    }

    @Override
    public int growTree(long reference, long rootAddress, long indexLimit) {
        return trees.grow(reference, frameOf(rootAddress), indexLimit);
    }

    @Override
    public int invalidateTree(long reference, int level) {
        return trees.invalidate(reference, level);
    }

    @Override
    public int revokeTree(long reference) {
        return trees.revoke(reference);
    }

    @Override
    public int mapForeign(int domid, long frame, long slot) {
        if (!guest.translated()) {
            long entry = Page.address(frame) | PRESENT_WRITABLE_USER;
            return failure(vcpu.hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, slot, entry, 0, domid));
        }
        field(AddToPhysmapBatch.DOMID, 2, Domid.SELF);
        field(AddToPhysmapBatch.SPACE, 2, AddToPhysmapBatch.SPACE_GMFN_FOREIGN);
        field(AddToPhysmapBatch.COUNT, 2, 1);
        field(AddToPhysmapBatch.FOREIGN_DOMID, 2, domid);
        long lists = argumentPage() + AddToPhysmapBatch.SIZE;
        field(AddToPhysmapBatch.IDXS, 8, lists);
        field(AddToPhysmapBatch.GPFNS, 8, lists + Long.BYTES);
        field(AddToPhysmapBatch.ERRS, 8, lists + 2 * Long.BYTES);
        store(lists, Long.BYTES, frame);
        store(lists + Long.BYTES, Long.BYTES, Page.frame(slot));
        long result = vcpu.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, argumentPage(), 0);
        return failure(result != 0 ? result : (int) load(lists + 2 * Long.BYTES, Integer.BYTES));
    }

    @Override
    public int unmapForeign(long slot) {
        if (!guest.translated()) {
            return failure(vcpu.hypercall(Hypercall.UPDATE_VA_MAPPING, slot, 0, 0));
        }
        field(RemoveFromPhysmap.DOMID, 2, Domid.SELF);
        field(RemoveFromPhysmap.GPFN, 8, Page.frame(slot));
        return failure(vcpu.hypercall(Hypercall.MEMORY_OP, MemoryOp.REMOVE_FROM_PHYSMAP, argumentPage(), 0));
    }

    private static int failure(long result) {
        return result == 0 ? 0 : CALL_FAILED + (int) Math.max(result, -LARGEST_ERRNO);
    }

    @Override
    public int map(int peer, long reference, int epoch, long slot, int order, int access, MappedGrant result) {
        return reference >>> Integer.SIZE == 0
                ? mapFlat(peer, reference, slot, access, result)
                : trees.map(peer, reference, epoch, slot, order, access, result);
    }

    private int mapFlat(int peer, long reference, long slot, int access, MappedGrant result) {
        field(MapGrantRef.HOST_ADDR, 8, slot);
        field(MapGrantRef.FLAGS, 4, Gntmap.HOST_MAP | (Access.writes(access) ? 0 : Gntmap.READONLY));
        field(MapGrantRef.REF, 4, reference);
        field(MapGrantRef.DOM, 2, peer);
        int status = answer(call(GnttabOp.MAP_GRANT_REF, 1), MapGrantRef.STATUS);
        if (status == 0) {
            result.handle = load(argumentPage() + MapGrantRef.HANDLE, Integer.BYTES);
            result.deviceAddress = load(argumentPage() + MapGrantRef.DEV_BUS_ADDR, Long.BYTES);
            result.address = slot;
            result.order = Page.ORDER_4K;
            result.tree = false;
        }
        return status;
    }

    @Override
    public int unmap(MappedGrant mapping) {
        if (mapping.tree) {
            return trees.unmap(mapping);
        }
        field(UnmapGrantRef.HOST_ADDR, 8, mapping.address);
        field(UnmapGrantRef.DEV_BUS_ADDR, 8, 0);
        field(UnmapGrantRef.HANDLE, 4, mapping.handle);
        return answer(call(GnttabOp.UNMAP_GRANT_REF, 1), UnmapGrantRef.STATUS);
    }

    @Override
    public int mapAll(int peer, int epoch, MappedGrant[] mappings, int count) {
        if (count == 0) {
            return 0;
        }
        if (mappings[0].reference >>> Integer.SIZE != 0) {
            return trees.mapAll(peer, epoch, mappings, count);
        }
        int calls = 0;
        for (int from = 0; from < count; from += BATCH, calls++) {
            mapFlat(peer, mappings, from, Math.min(BATCH, count - from));
        }
        return calls;
    }

    private void mapFlat(int peer, MappedGrant[] mappings, int from, int count) {
        for (int n = 0; n < count; n++) {
            MappedGrant each = mappings[from + n];
            int at = n * MapGrantRef.SIZE;
            field(at + MapGrantRef.HOST_ADDR, 8, each.address);
            field(at + MapGrantRef.FLAGS, 4, Gntmap.HOST_MAP | (Access.writes(each.access) ? 0 : Gntmap.READONLY));
            field(at + MapGrantRef.REF, 4, each.reference);
            field(at + MapGrantRef.DOM, 2, peer);
        }
        long result = call(GnttabOp.MAP_GRANT_REF, count);
        for (int n = 0; n < count; n++) {
            MappedGrant each = mappings[from + n];
            int at = n * MapGrantRef.SIZE;
            each.status = answer(result, at + MapGrantRef.STATUS);
            each.handle = load(argumentPage() + at + MapGrantRef.HANDLE, Integer.BYTES);
            each.deviceAddress = load(argumentPage() + at + MapGrantRef.DEV_BUS_ADDR, Long.BYTES);
            each.order = Page.ORDER_4K;
            each.tree = false;
        }
    }

    @Override
    public int unmapAll(MappedGrant[] mappings, int count) {
        if (count == 0) {
            return 0;
        }
        if (mappings[0].tree) {
            return trees.unmapAll(mappings, count);
        }
        int calls = 0;
        for (int from = 0; from < count; from += BATCH, calls++) {
            unmapFlat(mappings, from, Math.min(BATCH, count - from));
        }
        return calls;
    }

    private void unmapFlat(MappedGrant[] mappings, int from, int count) {
        for (int n = 0; n < count; n++) {
            MappedGrant each = mappings[from + n];
            int at = n * UnmapGrantRef.SIZE;
            field(at + UnmapGrantRef.HOST_ADDR, 8, each.address);
            field(at + UnmapGrantRef.DEV_BUS_ADDR, 8, 0);
            field(at + UnmapGrantRef.HANDLE, 4, each.handle);
        }
        long result = call(GnttabOp.UNMAP_GRANT_REF, count);
        for (int n = 0; n < count; n++) {
            mappings[from + n].status = answer(result, n * UnmapGrantRef.SIZE + UnmapGrantRef.STATUS);
        }
    }

    @Override
    public int copyFrom(int peer, long reference, int epoch, int offset, long address, int length) {
        if (reference >>> Integer.SIZE != 0) {
            return trees.copy(peer, reference, epoch, offset, address, length, false);
        }
        side(Copy.SOURCE, Copy.SOURCE_DOMID, Copy.SOURCE_OFFSET, reference, peer, offset);
        side(Copy.DEST, Copy.DEST_DOMID, Copy.DEST_OFFSET, frameOf(address), Domid.SELF, Page.offset(address));
        return copy(Copy.SOURCE_GREF, length);
    }

    @Override
    public int copyTo(int peer, long reference, int epoch, int offset, long address, int length) {
        if (reference >>> Integer.SIZE != 0) {
            return trees.copy(peer, reference, epoch, offset, address, length, true);
        }
        side(Copy.SOURCE, Copy.SOURCE_DOMID, Copy.SOURCE_OFFSET, frameOf(address), Domid.SELF, Page.offset(address));
        side(Copy.DEST, Copy.DEST_DOMID, Copy.DEST_OFFSET, reference, peer, offset);
        return copy(Copy.DEST_GREF, length);
    }

    private void side(int name, int domid, int offset, long nameValue, int domidValue, int offsetValue) {
        field(name, 8, nameValue);
        field(domid, 2, domidValue);
        field(offset, 2, offsetValue);
    }

    private int copy(int flags, int length) {
        field(Copy.LEN, 2, length);
        field(Copy.FLAGS, 2, flags);
        return answer(call(GnttabOp.COPY, 1), Copy.STATUS);
    }

    private long call(int operation, long count) {
        return vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, argumentPage(), count);
    }

    /** The element's status, or the call's own failure set apart from it. */
    private int answer(long result, int statusOffset) {
        return result == 0 ? field(statusOffset) : failure(result);
    }

    private void field(int offset, int bytes, long value) {
        store(argumentPage() + offset, bytes, value);
    }

    private int field(int offset) {
        return (short) load(argumentPage() + offset, Short.BYTES);
    }

    private long load(long address, int bytes) {
        own(vcpu.load(address, bytes), address);
        return vcpu.value();
    }

    private void store(long address, int bytes, long value) {
        own(vcpu.store(address, bytes, value), address);
    }

    private void own(int fault, long address) {
        if (fault != 0) {
            throw new IllegalStateException("the kernel of domain " + guest.domid() + " lost its own memory: fault "
                    + fault + " at 0x" + Long.toHexString(address));
        }
    }
}
