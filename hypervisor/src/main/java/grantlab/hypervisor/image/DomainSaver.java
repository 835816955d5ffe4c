package grantlab.hypervisor.image;

import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.tree.Tree;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/**
 * Saves a translated domain whose vCPUs do not run: how it was created, the ranges behind large leaves, its memory, its trees.
 * What it has mapped of others, its flat table and its rings are not in an image: guests set them up anew, as they do in Xen. A
 * PV guest names machine frames in its page tables and its trees and builds both anew, so it is not saved here.
 *
 * <pre>
 *   config      paging mode (UTF), grant frames, maptrack frames, grant version, vCPUs (4 each), pages (8)
 *   ranges      count (4); gfn (8), order (1)
 *   memory      gfn (8), type (1), zero (1), 4096 bytes unless zero; ends with gfn -1
 *   trees       count (4); {@link SavedTree}
 * </pre>
 */
final class DomainSaver {
    static final long END = -1;

    private final MachineMemory memory;
    private final Domain domain;

    DomainSaver(MachineMemory memory, Domain domain) {
        this.memory = memory;
        this.domain = domain;
    }

    void save(Path path) {
        if (!domain.translated()) {
            throw new ImageException("domain " + domain.domid() + " is PV: it names machine frames and is not saved");
        }
        if (domain.passthrough() != null) {
            throw new ImageException("domain " + domain.domid() + " has devices, which nobody can save");
        }
        if (domain.dying()) {
            throw new ImageException("domain " + domain.domid() + " is dying");
        }
        try {
            new ImageFile(path).write(this::write);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(DataOutputStream out) throws IOException {
        writeConfig(out, domain.config());
        List<Tree> trees = domain.trees().all();
        TreeSet<LargeRange> ranges = new TreeSet<>();
        for (Tree tree : trees) {
            tree.table().survey((key, order, gfn, snapshot, tombstone) -> {
                LargeRange range = new LargeRange(gfn, order);
                if (!tombstone && range.isSound()) {
                    ranges.add(range);
                }
            });
        }
        out.writeInt(ranges.size());
        for (LargeRange range : ranges) {
            range.write(out);
        }
        writeMemory(out);
        out.writeInt(trees.size());
        for (Tree tree : trees) {
            SavedTree.of(tree).write(out);
        }
    }

    private static void writeConfig(DataOutputStream out, DomainConfig config) throws IOException {
        out.writeUTF(config.paging());
        out.writeInt(config.maxGrantFrames());
        out.writeInt(config.maxMaptrackFrames());
        out.writeInt(config.maxGrantVersion());
        out.writeInt(config.vcpus());
        out.writeLong(config.maxPages());
    }

    private void writeMemory(DataOutputStream out) throws IOException {
        PhysicalMap map = domain.physicalMap();
        long[] words = new long[Page.SIZE / Long.BYTES];
        for (long gfn = map.next(0); gfn != PhysicalMap.INVALID; gfn = map.next(gfn + 1)) {
            long entry = map.entry(gfn);
            int type = PhysicalMap.typeOf(entry);
            if (entry != PhysicalMap.INVALID && (type == PhysicalMap.RAM_RW || type == PhysicalMap.RAM_RO)) {
                memory.load64s(Page.address(PhysicalMap.frameOf(entry)), words, words.length);
                writePage(out, gfn, type, words);
            }
        }
        out.writeLong(END);
    }

    private static void writePage(DataOutputStream out, long gfn, int type, long[] words) throws IOException {
        boolean zero = true;
        for (long word : words) {
            zero &= word == 0;
        }
        out.writeLong(gfn);
        out.writeByte(type);
        out.writeBoolean(zero);
        if (!zero) {
            for (long word : words) {
                out.writeLong(Long.reverseBytes(word));
            }
        }
    }
}
