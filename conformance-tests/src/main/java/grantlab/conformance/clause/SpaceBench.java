package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.PagingMode;
import grantlab.api.paging.Tlb;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.List;

/**
 * An address space of the grantee's paging mode on a machine of its own, without a hypervisor around it: a clause asks the verbs
 * themselves, and is whoever calls them. The guest has {@link #PAGES} pages beside one another with a hole behind them, and {@link #SLOTS}
 * slots, in which nothing stands. Two more domains own frames that can be granted. Where others come in between is said by {@link #hooks}.
 *
 * <p>When a clause is over the domain dies: then every frame is held by its allocation alone, or somebody dropped too much or too little.
 */
final class SpaceBench {
    static final int GUEST = 1;

    /** Its frames carry types, as those of PV guests do. */
    static final int TYPED = 2;

    /** Its frames carry none. */
    static final int UNTYPED = 3;

    static final int READ = Access.READ;
    static final int WRITE = Access.READ | Access.WRITE;

    static final int PAGES = 4;
    static final int SLOTS = 64;

    /** What nothing reads as, where guests get no fault of their own. */
    static final long ONES = -1;

    /** Where two blocks of 2 MiB have room: nothing stands there. */
    static final long BLOCKS = 1L << 34;

    private static final int PAGE_FAULT = 14;
    private static final long SMALL_RAM = 1 << 13;
    private static final long LARGE_RAM = 1 << 19;

    final FrameTable frames;
    final MachineMemory memory;
    final PhysicalMap map;
    final AddressSpace space;
    final Tlb tlb;
    final AddressSpace.Mapped mapped = new AddressSpace.Mapped();
    final AddressSpace.Loaded loaded = new AddressSpace.Loaded();
    final SpaceHooks hooks = new SpaceHooks();

    private final MachineRam ram;
    private final boolean translated;
    private final SpaceGuest guest;
    private final DevicesOfNobody devices = new DevicesOfNobody();
    private boolean dead;

    /** What a clause does there. */
    @FunctionalInterface
    interface Body {
        /** All of it. */
        void on(SpaceBench bench);
    }

    /** Counts how often devices were made to forget. */
    private static final class DevicesOfNobody implements MapWatcher {
        private int forgot;

        @Override
        public void changed(long gfn, int order, boolean first) {
            // There are none that keep anything.
        }

        @Override
        public void forget() {
            forgot++;
        }
    }

    private SpaceBench(World world, long blockFrames) {
        RamLayout layout =
                new RamLayout(List.of(new RamLayout.Extent(0, SMALL_RAM), new RamLayout.Extent(1L << 32, blockFrames)));
        Behaviour behaviour = world.machine().settings().behaviour();
        ram = world.machine()
                .installed()
                .memory(world.machine().settings().memory())
                .create(layout, behaviour);
        frames = ram.frames();
        memory = hooks.around(MachineMemory.class, ram.memory());
        translated = world.grantee().translated();
        frames.admit(GUEST, !translated);
        frames.admit(TYPED, true);
        frames.admit(UNTYPED, false);
        PhysicalMap real = translated ? ram.translatedMap(GUEST) : ram.identityMap(GUEST);
        real.watch(devices);
        map = hooks.around(PhysicalMap.class, real);
        PagingMode mode = world.machine()
                .installed()
                .pagingMode(world.combination().granteePaging().name())
                .create(new Ground(memory, frames, behaviour, world.clock()));
        space = mode.open(GUEST, map);
        guest = new SpaceGuest(ram, map, translated);
        tlb = space.attach();
    }

    /** Does it on a bench whose guest runs. */
    static void on(World world, Body body) {
        withRam(world, SMALL_RAM, true, body);
    }

    /** Does it where there is memory for two blocks of 1 GiB. */
    static void withLargeBlocks(World world, Body body) {
        withRam(world, LARGE_RAM, true, body);
    }

    /** Does it before the guest's root was entered. */
    static void beforeEntry(World world, Body body) {
        withRam(world, SMALL_RAM, false, body);
    }

    private static void withRam(World world, long blockFrames, boolean entered, Body body) {
        SpaceBench bench = new SpaceBench(world, blockFrames);
        try {
            if (entered) {
                Expect.equal("what enter answers", 0, bench.space.enter(bench.root()));
            }
            body.on(bench);
            bench.die();
        } finally {
            bench.ram.close();
        }
    }

    /** The domain dies; nobody holds anything but allocations then. */
    void die() {
        dispose();
        expectAllReturned();
    }

    /** The domain dies, once. */
    void dispose() {
        if (!dead) {
            dead = true;
            space.dispose();
        }
    }

    /** Nobody holds anything but allocations. */
    void expectAllReturned() {
        for (int domid : new int[] {GUEST, TYPED, UNTYPED}) {
            for (long mfn = frames.nextOwned(domid, 0);
                    mfn != FrameTable.NONE;
                    mfn = frames.nextOwned(domid, mfn + 1)) {
                if (frames.references(mfn) != 1 || frames.typeUses(mfn) != 0) {
                    expectHeld(mfn, 1, 0);
                }
            }
        }
    }

    // ---- where things are

    boolean translated() {
        return translated;
    }

    /** Address of a page. */
    long page(int n) {
        return guest.page(n);
    }

    /** Its frame. */
    long frame(int n) {
        return guest.frame(n);
    }

    /** Address of a slot. */
    long slot(int n) {
        return guest.slot(n);
    }

    /** The frame of the first table of the guest's own, where it has some. */
    long root() {
        return guest.table(0);
    }

    /** The frame of one of the guest's own tables: the root, and then one of each level, down to the first. */
    long table(int n) {
        return guest.table(n);
    }

    /** What an entry of a table of the guest's own is that names a frame. */
    static long entry(long mfn, boolean writable) {
        return SpaceGuest.entry(mfn, writable);
    }

    /** Writes a word of a table of the guest's own, as its builder does. */
    void write(long table, int index, long entry) {
        memory.store64(Page.address(table) + (long) index * Long.BYTES, entry);
    }

    long word(long table, int index) {
        return memory.load64(Page.address(table) + (long) index * Long.BYTES);
    }

    // ---- frames that are granted

    /** A frame of another domain with something in it. */
    long granted(int owner, long content) {
        long mfn = frames.allocate(owner, Page.ORDER_4K);
        memory.store64(Page.address(mfn), content);
        return mfn;
    }

    /** What a grant in use holds, which who maps brings along. */
    long pinned(long mfn, int order, int access) {
        Expect.holds("there is a reference to be had", frames.get(mfn, order, FrameTable.NO_OWNER));
        if (holdsType(mfn, order, access)) {
            Expect.holds("there is a type use to be had", frames.getType(mfn, FrameTable.TYPE_WRITABLE));
        }
        return mfn;
    }

    void drop(long mfn, int order, int access) {
        if (holdsType(mfn, order, access)) {
            frames.putType(mfn);
        }
        frames.put(mfn, order);
    }

    private boolean holdsType(long mfn, int order, int access) {
        int owner = frames.owner(mfn);
        return order == Page.ORDER_4K && Access.writes(access) && (owner == GUEST || frames.typed(owner));
    }

    void expectHeld(long mfn, long references, long typeUses) {
        String of = " of frame 0x" + Long.toHexString(mfn);
        Expect.equal("references" + of, references, frames.references(mfn));
        Expect.equal("type uses" + of, typeUses, frames.typeUses(mfn));
    }

    // ---- the verbs, as operations use them

    static int flags(int access) {
        return Gntmap.HOST_MAP | (Access.writes(access) ? 0 : Gntmap.READONLY);
    }

    int map(long address, long mfn, int access) {
        return map(address, flags(access), mfn, Page.ORDER_4K, access);
    }

    int map(long address, int gntmapFlags, long mfn, int order, int access) {
        pinned(mfn, order, access);
        int status = space.map(address, gntmapFlags, mfn, order, access, mapped);
        if (status != 0) {
            drop(mfn, order, access);
        }
        return status;
    }

    int mapBeside(long address, int gntmapFlags, long mfn, int order, int access) {
        pinned(mfn, order, access);
        int status = space.mapBeside(address, gntmapFlags, mfn, order, access, mapped);
        if (status != 0) {
            drop(mfn, order, access);
        }
        return status;
    }

    int unmap(long address, long mfn, int access) {
        return unmap(address, 0, flags(access), mfn, Page.ORDER_4K, access);
    }

    int unmap(long address, long newAddress, int gntmapFlags, long mfn, int order, int access) {
        int status = space.unmap(address, newAddress, gntmapFlags, mfn, access, mapped);
        if (status == 0) {
            space.flush();
            drop(mfn, order, access);
        }
        return status;
    }

    int remove(long place, int order, long mfn, int access) {
        int status = space.remove(place, order, mfn, mapped);
        if (status == 0) {
            space.flush();
            drop(mfn, order, access);
        }
        return status;
    }

    int replace(long place, int order, long mfn, int had, long newMfn, int access) {
        pinned(newMfn, order, access);
        int status = space.replace(place, order, mfn, newMfn, access, mapped);
        if (status == 0) {
            space.flush();
            drop(mfn, order, had);
        } else {
            drop(newMfn, order, access);
        }
        return status;
    }

    int mapForeign(long address, long mfn, int access) {
        Expect.holds("there is a reference to be had", frames.get(mfn, Page.ORDER_4K, FrameTable.NO_OWNER));
        int error = space.mapForeign(address, mfn, access, mapped);
        if (error != 0) {
            frames.put(mfn, Page.ORDER_4K);
        }
        return error;
    }

    // ---- accesses

    int load(long address, int bytes) {
        return space.load(tlb, address, bytes, loaded);
    }

    int store(long address, int bytes, long value) {
        return space.store(tlb, address, bytes, value, loaded);
    }

    /** Eight bytes that must be there. */
    long read(long address) {
        return read(tlb, address);
    }

    long read(Tlb with, long address) {
        Expect.equal("fault of a load at 0x" + Long.toHexString(address), 0, space.load(with, address, 8, loaded));
        return loaded.value;
    }

    void expectReads(long address, long value) {
        Expect.equal("what a load at 0x" + Long.toHexString(address) + " finds", value, read(address));
    }

    /** Eight bytes at once, by which the entry is remembered as a writable one. */
    void put(long address, long value) {
        Expect.equal("fault of a store at 0x" + Long.toHexString(address), 0, store(address, 8, value));
    }

    /** Nothing stands there: ones, or a page fault. */
    void expectNothing(long address) {
        if (translated) {
            expectReads(address, ONES);
        } else {
            expectFault(load(address, 8), address, PAGE_FAULT, 0);
        }
    }

    /** An access ended with a fault. */
    void expectFault(int vector, long address, int expected, int errorCode) {
        String of = " of the fault for 0x" + Long.toHexString(address);
        Expect.equal("vector" + of, expected, vector);
        Expect.equal("vector told" + of, expected, loaded.faultVector);
        Expect.equal("error code" + of, errorCode, loaded.faultErrorCode);
        Expect.equal("page" + of, Page.frame(address), Page.frame(loaded.faultAddress));
    }

    /** How often devices were made to forget. */
    int devicesForgot() {
        return devices.forgot;
    }
}
