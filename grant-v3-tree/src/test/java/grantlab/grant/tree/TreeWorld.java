package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.grant.tree.format.TwoLevelsProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * A machine with one granter, translated or PV, and somebody else. The granter's pages are given out by number; nodes are built of
 * raw words.
 */
public final class TreeWorld implements AutoCloseable {
    /** Who grants. */
    public static final int GRANTER = 1;

    /** Somebody else. */
    public static final int OTHER = 2;

    private static final long FIRST_GFN = 0x4000;

    /** The machine. */
    public final MachineRam ram;

    /** Its books. */
    public final FrameTable frames;

    /** The granter's. */
    public final PhysicalMap map;

    private final MachineMemory memory;
    private final boolean translated;
    private final List<Long> granted = new ArrayList<>();
    private long nextGfn = FIRST_GFN;

    public TreeWorld(boolean translated) {
        this("checked", translated);
    }

    public TreeWorld(String kind, boolean translated) {
        RamLayout layout = new RamLayout(List.of(new RamLayout.Extent(0, 8192)));
        ram = ServiceLoader.load(MemoryProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(kind))
                .findFirst()
                .orElseThrow()
                .create(layout, Behaviour.XEN_4_17);
        this.translated = translated;
        memory = ram.memory();
        frames = ram.frames();
        frames.admit(GRANTER, !translated);
        frames.admit(OTHER, false);
        map = translated ? ram.translatedMap(GRANTER) : ram.identityMap(GRANTER);
    }

    public boolean translated() {
        return translated;
    }

    /** A zeroed page of the granter's memory, by the granter's number. */
    public long page() {
        long mfn = frames.allocateZeroed(GRANTER, 0);
        long gfn = translated ? nextGfn++ : mfn;
        map.populate(gfn, mfn);
        granted.add(mfn);
        return gfn;
    }

    /** Somebody else's page, by machine frame. */
    public long othersPage() {
        return frames.allocateZeroed(OTHER, 0);
    }

    public long mfn(long gfn) {
        return map.machineFrame(gfn);
    }

    /** Machine address of an entry of a node. */
    public long entry(long node, int at) {
        return Page.address(mfn(node)) + (long) at * Long.BYTES;
    }

    public void put(long node, int at, long word) {
        memory.store64Release(entry(node, at), word);
    }

    public long word(long node, int at) {
        return memory.load64Acquire(entry(node, at));
    }

    /** A new node, entered into another. */
    public long nodeBelow(long node, int at) {
        long below = page();
        put(node, at, LeafWord.table(below));
        return below;
    }

    /** The format, with all of this machine's memory. */
    public TreeFormat format() {
        return format(memory);
    }

    /** The format over another view of the memory. */
    public TreeFormat format(MachineMemory view) {
        return (TreeFormat)
                new TwoLevelsProvider().create(new Ground(view, frames, Behaviour.XEN_4_17, System::nanoTime));
    }

    public TreeTable open(long root, int levels) {
        return open(memory, root, levels);
    }

    public TreeTable open(MachineMemory view, long root, int levels) {
        TreeFormat.Opened opened = new TreeFormat.Opened();
        assertThat(format(view).open(map, GRANTER, root, levels, Levels.span(levels), opened))
                .isZero();
        return opened.table;
    }

    /** Nobody holds anything: each page that is still there has the reference of its allocation alone. */
    public void assertNothingHeld() {
        for (long mfn : granted) {
            assertHeld(mfn, 0);
        }
    }

    /** The holders of a machine frame beside its allocation: each with a reference and a type use. */
    public void assertHeld(long mfn, int holders) {
        long allocation = frames.isAllocated(mfn) ? 1 : 0;
        assertThat(frames.references(mfn)).as("references on %x", mfn).isEqualTo(allocation + holders);
        assertThat(frames.typeUses(mfn)).as("type uses of %x", mfn).isEqualTo(holders);
    }

    @Override
    public void close() {
        ram.close();
    }
}
