package grantlab.grant.tree;

import grantlab.api.grant.TreeTable;
import grantlab.grant.tree.cache.NodeHold;
import java.util.HashSet;
import java.util.Set;

/**
 * A look at every entry of a tree, for saving and restoring (grant-v3.md, section 10). Each node is visited once, so that loops of
 * tables cost no more than the pages that they are made of.
 */
final class Survey {
    private final Walk walk;
    private final TreeTable.Visitor visitor;
    private final Set<Long> visited = new HashSet<>();

    Survey(Walk walk, TreeTable.Visitor visitor) {
        this.walk = walk;
        this.visitor = visitor;
    }

    void of(long root) {
        node(root, 0);
    }

    private void node(long hold, long first) {
        if (visited.add(NodeHold.frame(hold))) {
            int level = NodeHold.level(hold);
            for (int entry = 0; entry < Levels.ENTRIES; entry++) {
                entry(hold, level, first + ((long) entry << Levels.order(level)));
            }
        }
    }

    private void entry(long hold, int level, long index) {
        long word = walk.load(hold, index);
        if (LeafWord.isLeafOrTombstone(word)) {
            if (level <= Levels.HIGHEST_LEAF) {
                boolean tombstone = LeafWord.type(word) == LeafWord.TOMBSTONE;
                visitor.entry(index, Levels.order(level), LeafWord.frame(word), LeafWord.grant(word), tombstone);
            }
        } else if (LeafWord.isTable(word) && level > 1) {
            long below = walk.below(hold, word);
            if (below != NodeHold.NONE) {
                node(below, index);
                walk.letGo(below);
            }
        }
    }
}
