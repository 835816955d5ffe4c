package grantlab.paging.pv;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.util.List;
import java.util.ServiceLoader;

/**
 * A machine with one PV guest, laid out as the recordings' PV guest is: pages p0.. and slots m0.., whose entries are
 * not present, in one L1 table. Two more domains own frames that can be granted: one PV, one translated.
 */
final class PvWorld implements AutoCloseable {
    static final int GUEST = 1;
    static final int PV_PEER = 2;
    static final int HVM_PEER = 3;

    static final int READ = Access.READ;
    static final int WRITE = Access.READ | Access.WRITE;

    static final int PAGES = 8;

    /** Where everything is: the second L3 entry, the first L2 entry. */
    static final long BASE = 0x4000_0000L;

    private static final int FIRST_PAGE = 16;
    private static final int FIRST_SLOT = 128;
    private static final long KERNEL_RW = 0x67;
    private static final long KERNEL_RO = 0x65;

    final MachineRam ram;
    final MachineMemory memory;
    final FrameTable frames;
    final PvAddressSpace space;
    final AddressSpace.Mapped mapped = new AddressSpace.Mapped();
    final AddressSpace.Loaded loaded = new AddressSpace.Loaded();

    final long l4;
    final long l3;
    final long l2;
    final long l1;
    final long[] page = new long[PAGES];
    final Tlb tlb;

    /** A guest whose tables are built but not yet entered. */
    PvWorld() {
        RamLayout layout = new RamLayout(List.of(new RamLayout.Extent(0, 4096), new RamLayout.Extent(1L << 32, 1024)));
        ram = ServiceLoader.load(MemoryProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("on-heap"))
                .findFirst()
                .orElseThrow()
                .create(layout, Behaviour.XEN_4_17);
        memory = ram.memory();
        frames = ram.frames();
        frames.admit(GUEST, true);
        frames.admit(PV_PEER, true);
        frames.admit(HVM_PEER, false);
        l4 = frames.allocate(GUEST, 0);
        l3 = frames.allocate(GUEST, 0);
        l2 = frames.allocate(GUEST, 0);
        l1 = frames.allocate(GUEST, 0);
        for (int index = 0; index < PAGES; index++) {
            page[index] = frames.allocate(GUEST, 0);
        }
        build();
        space = new PvAddressSpace(GUEST, null, memory, frames);
        tlb = space.attach();
    }

    /** Writes the tables, as the guest's builder does before it starts. */
    void build() {
        point(l4, 0, l3);
        point(l3, 1, l2);
        point(l2, 0, l1);
        for (int index = 0; index < PAGES; index++) {
            write(l1, FIRST_PAGE + index, entry(page[index], true));
        }
    }

    /** A running guest. */
    static PvWorld entered() {
        PvWorld world = new PvWorld();
        assertThat(world.space.enter(world.l4)).isZero();
        return world;
    }

    /** An entry as the recordings' guests write it. */
    static long entry(long mfn, boolean writable) {
        return Page.address(mfn) | (writable ? KERNEL_RW : KERNEL_RO);
    }

    void point(long table, int index, long mfn) {
        write(table, index, entry(mfn, true));
    }

    void write(long table, int index, long entry) {
        memory.store64(Page.address(table) + 8L * index, entry);
    }

    long p(int index) {
        return BASE + Page.address(FIRST_PAGE + index);
    }

    long m(int index) {
        return BASE + Page.address(FIRST_SLOT + index);
    }

    /** The machine address of a slot's entry. */
    long pte(int slot) {
        return Page.address(l1) + 8L * (FIRST_SLOT + slot);
    }

    long entryOf(long linear) {
        return memory.load64(space.entryAddress(linear));
    }

    /** What the recordings print of an entry: accessed and dirty masked, and no frame. */
    long bits(int slot) {
        return memory.load64(pte(slot)) & 0xfff0_0000_0000_0f9fL;
    }

    long frame(int slot) {
        return PageTableEntry.frameOf(memory.load64(pte(slot)));
    }

    /** A frame of a peer, as a grant leaves it with the caller of map: with the references of a use. */
    long pinned(long mfn, int access) {
        assertThat(frames.get(mfn, 0, FrameTable.NO_OWNER)).isTrue();
        if (holdsType(mfn, access)) {
            assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        }
        return mfn;
    }

    void unpin(long mfn, int access) {
        if (holdsType(mfn, access)) {
            frames.putType(mfn);
        }
        frames.put(mfn, 0);
    }

    private boolean holdsType(long mfn, int access) {
        return Access.writes(access) && frames.typed(frames.owner(mfn));
    }

    int map(long address, int flags, long mfn, int access) {
        pinned(mfn, access);
        int status = space.map(address, flags, mfn, 0, access, mapped);
        if (status != 0) {
            unpin(mfn, access);
        }
        return status;
    }

    int unmap(long address, int flags, long mfn, int access) {
        return replace(address, 0, flags, mfn, access);
    }

    int replace(long address, long newAddress, int flags, long mfn, int access) {
        int status = space.unmap(address, newAddress, flags, mfn, access, mapped);
        if (status == 0) {
            space.flush();
            unpin(mfn, access);
        }
        return status;
    }

    /** As the recordings show it: the value, or {@code vector << 8 | error code} negated. */
    long read(long address) {
        return read(tlb, address);
    }

    long read(Tlb with, long address) {
        return space.load(with, address, 8, loaded) == 0 ? loaded.value : fault();
    }

    long write(long address, long value) {
        return space.store(tlb, address, 8, value, loaded) == 0 ? 0 : fault();
    }

    private long fault() {
        return fault(loaded.faultVector, loaded.faultErrorCode);
    }

    static long fault(int vector, int errorCode) {
        return -((long) vector << 8 | errorCode);
    }

    @Override
    public void close() {
        ram.close();
    }
}
