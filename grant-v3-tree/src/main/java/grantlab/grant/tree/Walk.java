package grantlab.grant.tree;

import grantlab.api.grant.Leaf;
import grantlab.api.memory.MachineMemory;
import grantlab.grant.tree.cache.NodeHold;
import grantlab.grant.tree.cache.Nodes;

/**
 * From the root towards a leaf (grant-v3.md, section 7, step 2): at most four levels, so that loops of tables are harmless; each
 * word is loaded exactly once, and judged on what was loaded; each node is the granter's own ordinary memory when it is come to
 * and stays so until the walk has left it. No state: one for all vCPUs.
 */
final class Walk {
    private final MachineMemory memory;
    private final Nodes nodes;

    Walk(MachineMemory memory, Nodes nodes) {
        this.memory = memory;
        this.nodes = nodes;
    }

    /**
     * Follows table entries as far as they lead.
     *
     * @param root hold of the root
     * @param index in pages, below the tree's span
     * @param leaf its snapshot receives the word at the end, as loaded
     * @return hold of the node that the word is in, or NONE: a table entry leads to nothing that may be a node
     */
    long toEnd(long root, long index, Leaf leaf) {
        long hold = root;
        long word = load(hold, index);
        while (LeafWord.isTable(word) && NodeHold.level(hold) > 1) {
            hold = descend(hold, word);
            if (hold == NodeHold.NONE) {
                return NodeHold.NONE;
            }
            word = load(hold, index);
        }
        leaf.snapshot = word;
        return hold;
    }

    /**
     * Follows table entries down to a level.
     *
     * @param root hold of the root
     * @param index in pages, below the tree's span
     * @param level of the entry that is looked for
     * @return hold of the node that has it, or NONE
     */
    long toLevel(long root, long index, int level) {
        long hold = root;
        while (NodeHold.level(hold) > level) {
            hold = descend(hold, load(hold, index));
        }
        return NodeHold.level(hold) == level ? hold : NodeHold.NONE;
    }

    /** The entry of a node through which the way leads on, loaded once. */
    long load(long hold, long index) {
        return memory.load64Acquire(address(hold, index));
    }

    static long address(long hold, long index) {
        return NodeHold.address(hold, Levels.entry(index, NodeHold.level(hold)));
    }

    /** One level down; the node above is let go of when the one below is held. */
    private long descend(long hold, long word) {
        long below = below(hold, word);
        letGo(hold);
        return below;
    }

    /** The node that a table entry leads to, held by itself; or NONE. */
    long below(long hold, long word) {
        long frame = LeafWord.isTable(word) && LeafWord.isSound(word) ? nodes.take(LeafWord.frame(word)) : Nodes.NONE;
        return frame == Nodes.NONE ? NodeHold.NONE : NodeHold.own(frame, NodeHold.level(hold) - 1, hold & word);
    }

    void letGo(long hold) {
        if (NodeHold.isOwn(hold)) {
            nodes.drop(NodeHold.frame(hold));
        }
    }
}
