package grantlab.hypervisor.image;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Share;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.vdomid.VirtualDomids;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a domain of an image: memory behind large leaves first, large where there is room; then the rest of its memory; then its
 * trees under their old names, whose entries forget mappings that are gone. A tree whose peer is a domain of this machine is
 * bound to it, any other is UNBOUND until the toolstack binds its virtual domid.
 */
final class DomainRestorer {
    private static final int MOST_TREES = 4095;
    private static final int WORDS = Page.SIZE / Long.BYTES;

    private final MachineMemory memory;
    private final FrameTable frames;
    private final Domains domains;
    private final Domain domain;
    private final @Nullable TreeFormat format;

    DomainRestorer(
            MachineMemory memory, FrameTable frames, Domains domains, Domain domain, @Nullable TreeFormat format) {
        this.memory = memory;
        this.frames = frames;
        this.domains = domains;
        this.domain = domain;
        this.format = format;
    }

    static DomainConfig config(DataInputStream in, int domid) throws IOException {
        String paging = in.readUTF();
        int grantFrames = in.readInt();
        int maptrackFrames = in.readInt();
        int version = in.readInt();
        int vcpus = in.readInt();
        long pages = in.readLong();
        try {
            return new DomainConfig(domid, paging, grantFrames, maptrackFrames, version, pages, vcpus, 0, false);
        } catch (IllegalArgumentException e) {
            throw new ImageException("the image has a domain that cannot be: " + e.getMessage());
        }
    }

    /** The rest of the image, behind the config. */
    void restore(DataInputStream in) throws IOException {
        if (!domain.translated()) {
            throw new ImageException("the image is of a PV domain");
        }
        List<LargeRange> ranges = ranges(in);
        for (LargeRange range : ranges) {
            allocateLarge(range);
        }
        restoreMemory(in);
        restoreTrees(in);
    }

    private static List<LargeRange> ranges(DataInputStream in) throws IOException {
        int count = in.readInt();
        List<LargeRange> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            LargeRange range = LargeRange.read(in);
            if (!range.isSound()) {
                throw new ImageException("the image has a range that is no block: " + range);
            }
            ranges.add(range);
        }
        return ranges;
    }

    /** Best effort: where there is no room for the block, its pages come one by one with the rest of the memory. */
    private void allocateLarge(LargeRange range) {
        PhysicalMap map = domain.physicalMap();
        long count = 1L << range.order();
        if (range.gfn() + count > map.limit() || isTaken(map, range.gfn(), count)) {
            return;
        }
        if (frames.pages(domain.domid()) + count > domain.config().maxPages()) {
            return;
        }
        long frame = frames.allocateZeroed(domain.domid(), range.order());
        if (frame == FrameTable.NONE) {
            return;
        }
        map.set(range.gfn(), frame, range.order(), PhysicalMap.RAM_RW);
        for (long i = 0; i < count; i++) {
            frames.setMachineToPhysical(frame + i, range.gfn() + i);
        }
    }

    private static boolean isTaken(PhysicalMap map, long gfn, long count) {
        long next = map.next(gfn);
        return next != PhysicalMap.INVALID && next < gfn + count;
    }

    private void restoreMemory(DataInputStream in) throws IOException {
        PhysicalMap map = domain.physicalMap();
        long[] words = new long[WORDS];
        for (long gfn = in.readLong(); gfn != DomainSaver.END; gfn = in.readLong()) {
            int type = in.readUnsignedByte();
            boolean zero = in.readBoolean();
            if (gfn < 0 || gfn >= map.limit() || (type != PhysicalMap.RAM_RW && type != PhysicalMap.RAM_RO)) {
                throw new ImageException("the image has a page that no domain has: gfn " + gfn + ", type " + type);
            }
            long frame = frameFor(map, gfn, type);
            if (!zero) {
                for (int i = 0; i < WORDS; i++) {
                    words[i] = Long.reverseBytes(in.readLong());
                }
                memory.store64s(Page.address(frame), words, WORDS);
            }
        }
    }

    private long frameFor(PhysicalMap map, long gfn, int type) {
        long entry = map.entry(gfn);
        if (entry != PhysicalMap.INVALID) {
            if (type != PhysicalMap.typeOf(entry)) {
                map.set(gfn, PhysicalMap.frameOf(entry), Page.ORDER_4K, type);
            }
            return PhysicalMap.frameOf(entry);
        }
        long frame = frames.pages(domain.domid()) < domain.config().maxPages()
                ? frames.allocateZeroed(domain.domid(), Page.ORDER_4K)
                : FrameTable.NONE;
        if (frame == FrameTable.NONE) {
            throw new ImageException("there is no memory left for domain " + domain.domid());
        }
        map.set(gfn, frame, Page.ORDER_4K, type);
        frames.setMachineToPhysical(frame, gfn);
        return frame;
    }

    private void restoreTrees(DataInputStream in) throws IOException {
        int count = in.readInt();
        if (count < 0 || count > MOST_TREES || (count > 0 && format == null)) {
            throw new ImageException("the image has " + count + " trees, and this machine has no room for them");
        }
        for (int i = 0; i < count; i++) {
            restoreTree(SavedTree.read(in));
        }
    }

    private void restoreTree(SavedTree saved) {
        TreeTable table = open(saved);
        Tree tree = domain.trees().addAt(saved.slot(), saved.generation(), (slot, generation) -> {
            Tree made = new Tree(domain.domid(), slot, generation, saved.terms(), table, binding(saved));
            made.setShape(saved.levels(), saved.indexLimit());
            made.setBounds(saved.maxActive(), saved.maxMappings());
            return made;
        });
        if (tree == null) {
            table.dispose();
            throw new ImageException("the image has a tree too many, or two in slot " + saved.slot());
        }
        table.survey((key, order, gfn, snapshot, tombstone) -> {
            table.synchronise(key, order, snapshot, 0);
            if (tombstone) {
                table.attached(key, order, false);
            }
        });
    }

    private TreeTable open(SavedTree saved) {
        TreeFormat.Opened opened = new TreeFormat.Opened();
        boolean fits = saved.indexLimit() >= 1 && saved.indexLimit() <= Tree.span(saved.levels());
        int status = format == null || saved.slot() < 1 || !fits
                ? Status.UNSUPPORTED
                : format.open(
                        domain.physicalMap(),
                        domain.domid(),
                        saved.terms().rootGfn(),
                        saved.levels(),
                        Tree.span(saved.levels()),
                        opened);
        TreeTable table = opened.table;
        if (status != Status.OKAY || table == null) {
            throw new ImageException("the tree in slot " + saved.slot() + " cannot be made again: status " + status);
        }
        return table;
    }

    private Binding binding(SavedTree saved) {
        int peer = saved.terms().peer();
        Domain grantee = VirtualDomids.isVirtual(peer) ? null : domains.find(peer);
        return grantee == null || grantee.dying()
                ? new Binding(Binding.NOBODY, 0, false, false, Share.NONE)
                : new Binding(peer, 0, true, false, grantee.books().share(domain.domid()));
    }

    static ImageException refused(int errno) {
        return new ImageException(
                errno == -Errno.EEXIST
                        ? "the domain exists already"
                        : "the domain of the image cannot be created: error " + errno);
    }
}
