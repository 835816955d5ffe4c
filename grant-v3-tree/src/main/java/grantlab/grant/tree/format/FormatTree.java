package grantlab.grant.tree.format;

import grantlab.api.Status;
import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.GuestTree;
import grantlab.api.grant.TreeFormat;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.grant.tree.Levels;
import grantlab.grant.tree.Tree;
import grantlab.grant.tree.cache.NodeCache;
import grantlab.grant.tree.cache.Nodes;
import grantlab.grant.tree.guest.GuestTreeV3;
import java.util.List;

/** The tree format: the hypervisor's side opens trees of any height, the guest's side brings up those of one. */
final class FormatTree implements TreeFormat {
    private final MachineMemory memory;
    private final FrameTable frames;
    private final int levels;

    FormatTree(MachineMemory memory, FrameTable frames, int levels) {
        this.memory = memory;
        this.frames = frames;
        this.levels = levels;
    }

    @Override
    public int maxLevels() {
        return Levels.MOST;
    }

    @Override
    public int open(
            PhysicalMap granter, int granterDomid, long rootGfn, int rootLevel, long indexLimit, Opened result) {
        if (rootLevel < 1 || rootLevel > Levels.MOST || indexLimit < 1 || indexLimit > Levels.span(rootLevel)) {
            return Status.BAD_SIZE;
        }
        Nodes nodes = new Nodes(frames, granter, granterDomid);
        long root = nodes.take(rootGfn);
        if (root == Nodes.NONE) {
            return Status.BAD_PAGE;
        }
        NodeCache cache = new NodeCache(nodes, granter.memoryChanges());
        result.table = new Tree(memory, nodes, cache, root, rootLevel, indexLimit);
        return Status.OKAY;
    }

    /** A zeroed page is an empty root. */
    @Override
    public GuestTree bringUp(GuestKernel granter, int peer, int deviceId) {
        long root = granter.allocatePages(Page.ORDER_4K);
        if (root < 0) {
            throw new IllegalStateException("the guest has no page for the root of a tree");
        }
        long reference = granter.createTree(peer, deviceId, root, levels, Levels.span(levels));
        if (reference < 0) {
            granter.freePages(root, Page.ORDER_4K);
            throw new IllegalStateException("tree_create answers " + reference);
        }
        return new GuestTreeV3(granter, root, levels, reference);
    }

    @Override
    public List<EntryCodec> codecs() {
        return List.of(CodecTree.LEAF, CodecTree.NODE);
    }
}
