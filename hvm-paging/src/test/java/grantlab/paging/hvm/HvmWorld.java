package grantlab.paging.hvm;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.Tlb;
import java.util.List;
import java.util.ServiceLoader;

/**
 * A machine with one PVH guest, laid out as the recordings' is: pages p0.. and slots m0.., which are holes. Two more
 * domains own frames that can be granted: one PV, one translated.
 */
final class HvmWorld implements AutoCloseable {
    static final int GUEST = 1;
    static final int PV_PEER = 2;
    static final int HVM_PEER = 3;

    static final int READ = Access.READ;
    static final int WRITE = Access.READ | Access.WRITE;

    static final int PAGES = 8;
    static final long ONES = -1;

    private static final long FIRST_PAGE = 0x40010;
    private static final long FIRST_SLOT = 0x40080;

    final MachineRam ram;
    final MachineMemory memory;
    final FrameTable frames;
    final PhysicalMap map;
    final HvmAddressSpace space;
    final AddressSpace.Mapped mapped = new AddressSpace.Mapped();
    final AddressSpace.Loaded loaded = new AddressSpace.Loaded();
    final long[] page = new long[PAGES];
    final Tlb tlb;

    HvmWorld() {
        RamLayout layout =
                new RamLayout(List.of(new RamLayout.Extent(0, 4096), new RamLayout.Extent(1L << 32, 1 << 19)));
        ram = ServiceLoader.load(MemoryProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("on-heap"))
                .findFirst()
                .orElseThrow()
                .create(layout, Behaviour.XEN_4_17);
        memory = ram.memory();
        frames = ram.frames();
        frames.admit(GUEST, false);
        frames.admit(PV_PEER, true);
        frames.admit(HVM_PEER, false);
        map = ram.translatedMap(GUEST);
        for (int index = 0; index < PAGES; index++) {
            page[index] = frames.allocate(GUEST, 0);
            map.populate(gfnOfPage(index), page[index]);
            memory.store64(Page.address(page[index]), 0x1000 + 0x100 * index);
        }
        space = new HvmAddressSpace(GUEST, map, memory, frames);
        tlb = space.attach();
    }

    static long gfnOfPage(int index) {
        return FIRST_PAGE + index;
    }

    static long gfnOfSlot(int index) {
        return FIRST_SLOT + index;
    }

    static long p(int index) {
        return Page.address(gfnOfPage(index));
    }

    static long m(int index) {
        return Page.address(gfnOfSlot(index));
    }

    /** A frame of a peer with something in it. */
    long granted(int owner) {
        long mfn = frames.allocate(owner, 0);
        memory.store64(Page.address(mfn), 0x20000);
        return mfn;
    }

    /** A frame as a grant leaves it with the caller of map: with the references of a use. */
    long pinned(long mfn, int order, int access) {
        assertThat(frames.get(mfn, order, FrameTable.NO_OWNER)).isTrue();
        if (holdsType(mfn, order, access)) {
            assertThat(frames.getType(mfn, FrameTable.TYPE_WRITABLE)).isTrue();
        }
        return mfn;
    }

    void unpin(long mfn, int order, int access) {
        if (holdsType(mfn, order, access)) {
            frames.putType(mfn);
        }
        frames.put(mfn, order);
    }

    private boolean holdsType(long mfn, int order, int access) {
        int owner = frames.owner(mfn);
        return order == 0 && Access.writes(access) && (owner == GUEST || frames.typed(owner));
    }

    int map(long address, long mfn, int access) {
        return map(address, mfn, 0, access);
    }

    int map(long address, long mfn, int order, int access) {
        pinned(mfn, order, access);
        int status = space.map(address, flags(access), mfn, order, access, mapped);
        if (status != 0) {
            unpin(mfn, order, access);
        }
        return status;
    }

    int unmap(long address, long mfn, int access) {
        return unmap(address, mfn, 0, access);
    }

    int unmap(long address, long mfn, int order, int access) {
        int status = space.unmap(address, 0, flags(access), mfn, access, mapped);
        if (status == 0) {
            space.flush();
            unpin(mfn, order, access);
        }
        return status;
    }

    private static int flags(int access) {
        return Gntmap.HOST_MAP | (Access.writes(access) ? 0 : Gntmap.READONLY);
    }

    /** The value, or {@code vector << 8 | error code} negated and less one: -1 is what holes read as. */
    long read(long address) {
        return space.load(tlb, address, 8, loaded) == 0 ? loaded.value : fault();
    }

    long write(long address, long value) {
        return space.store(tlb, address, 8, value, loaded) == 0 ? 0 : fault();
    }

    private long fault() {
        return fault(loaded.faultVector, loaded.faultErrorCode);
    }

    static long fault(int vector, int errorCode) {
        return -((long) vector << 8 | errorCode) - 1;
    }

    void assertHeld(long mfn, long references, long typeUses) {
        assertThat(frames.references(mfn)).as("references").isEqualTo(references);
        assertThat(frames.typeUses(mfn)).as("type uses").isEqualTo(typeUses);
    }

    @Override
    public void close() {
        ram.close();
    }
}
