package grantlab.grant.tree.race;

import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.grant.tree.cache.NodeCache;
import grantlab.grant.tree.cache.NodeHold;
import grantlab.grant.tree.cache.Nodes;
import grantlab.p2m.frame.AtomicFrameTable;
import grantlab.p2m.map.IdentityMap;
import grantlab.p2m.map.MachineToPhysical;
import grantlab.p2m.memory.OnHeapMemory;
import java.util.List;

/** One place in a tree with a node that its granter exchanges for another, and lookups through the cache. */
public class CacheProtocol {
    private static final int GRANTER = 1;
    private static final long PREFIX = 5;

    private final AtomicFrameTable frames;
    private final Nodes nodes;
    private final long[] frame = new long[2];

    /** What the table entry leads to. */
    private volatile int present;

    /** Under test. */
    protected final NodeCache cache;

    public CacheProtocol() {
        RamLayout layout = new RamLayout(List.of(new RamLayout.Extent(0, 512)));
        frames = new AtomicFrameTable(layout, new OnHeapMemory(layout), new MachineToPhysical());
        frames.admit(GRANTER, true);
        frame[0] = frames.allocate(GRANTER, Page.ORDER_4K);
        frame[1] = frames.allocate(GRANTER, Page.ORDER_4K);
        IdentityMap map = new IdentityMap(GRANTER, frames, () -> frames.ownershipChanges(GRANTER));
        nodes = new Nodes(frames, map, GRANTER);
        cache = new NodeCache(nodes, map.memoryChanges());
    }

    /** Looks up and lets go. @return which node it came to */
    public int lookUp() {
        long hold = cache.pin(PREFIX);
        if (hold == NodeHold.NONE) {
            hold = walk();
        }
        int found = NodeHold.frame(hold) == frame[0] ? 0 : 1;
        letGo(hold);
        return found;
    }

    private long walk() {
        long mapChanges = cache.mapChanges();
        long before = cache.invalidations();
        long own = NodeHold.own(nodes.take(frame[present]), 1, NodeHold.MASKS);
        return cache.offer(PREFIX, own, mapChanges, invalidations(before));
    }

    /** The count that a walk is offered with. */
    protected long invalidations(long beforeTheWalk) {
        return beforeTheWalk;
    }

    private void letGo(long hold) {
        if (NodeCache.owns(hold)) {
            cache.unpin(hold);
        } else {
            nodes.drop(NodeHold.frame(hold));
        }
    }

    /** The granter puts the other node in its place, and has the old one forgotten. */
    public void exchange() {
        int old = present;
        present = 1 - old;
        cache.invalidate(PREFIX << 9, 2);
    }

    /** Forgets all. @return uses that are left on the nodes */
    public long left() {
        cache.invalidateAll();
        return frames.typeUses(frame[0]) + frames.typeUses(frame[1]) + cache.held();
    }
}
