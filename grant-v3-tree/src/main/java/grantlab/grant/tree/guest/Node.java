package grantlab.grant.tree.guest;

import grantlab.grant.tree.Levels;
import org.jspecify.annotations.Nullable;

/** The guest's own book of a node: where it is, and which nodes hang below it. What the node's words say nobody reads for that. */
final class Node {
    private final long address;
    private @Nullable Node @Nullable [] children;

    Node(long address) {
        this.address = address;
    }

    /** Guest address of the page. */
    long address() {
        return address;
    }

    /** Guest address of an entry. */
    long entry(int at) {
        return address + (long) at * Long.BYTES;
    }

    @Nullable
    Node child(int at) {
        return children == null ? null : children[at];
    }

    void setChild(int at, @Nullable Node child) {
        if (children == null) {
            children = new Node[Levels.ENTRIES];
        }
        children[at] = child;
    }
}
