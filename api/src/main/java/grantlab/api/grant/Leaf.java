package grantlab.api.grant;

import org.jspecify.annotations.Nullable;

/**
 * What the table says of one leaf, filled by locate, mark and read. One for each vCPU and hop, reused: the hot path
 * allocates nothing. Plain fields: it crosses no thread.
 */
public final class Leaf {
    /** Nothing but a page. */
    public static final int PAGE = 0;

    /** A range inside the page, for copy. */
    public static final int WINDOW = 1;

    /** Somebody else's reference, for copy. */
    public static final int HOP = 2;

    /** Names the leaf within its table; equal for all indices of a large leaf. */
    public long key;

    /** log2 of the pages of the leaf: 0, 9 or 18. */
    public int order;

    /** PAGE, WINDOW or HOP. */
    public int kind;

    /**
     * The word as loaded, once; opaque to the engine, which keeps and hands it back. Of a tree only what makes the grant: two
     * snapshots of a leaf are equal exactly when they are of the same grant.
     */
    public long snapshot;

    /** Machine address of the entry's word; opaque to the engine. */
    public long wordAddress;

    /** The granter's number of the frame that the index asked for (not of the leaf's first). */
    public long gfn;

    /** WINDOW: first byte. */
    public int windowStart;

    /** WINDOW: how many bytes. */
    public int windowLength;

    /** HOP: whose reference it is. */
    public int hopDomid;

    /** HOP: the reference. */
    public long hopRef;

    /**
     * Trees: what the leaf and every table entry above it allow, as {@link grantlab.api.Access}: READ and COPY always, WRITE,
     * HOST (it may be mapped) and DEVICE.
     */
    public int rights;

    /** Trees: what {@link TreeTable#release} lets go of; the table's own business. */
    public long hold;

    /** Trees: the node that was looked at last stays held, by this table, for the next lookup that comes near. */
    public @Nullable TreeTable keeper;

    /** Trees: what {@link #letGo} lets go of; the table's own business. */
    public long kept;

    /** Trees: where the kept node is in the tree. */
    public long keptPrefix;

    /** Trees: when the kept node was found. */
    public long keptSince;

    /** Empty. */
    public Leaf() {}

    /**
     * Its user leaves the hypervisor, or waits: only a node stays held that {@link TreeTable#lasts}, and it goes by {@link #letGo} then
     * when somebody needs it back.
     */
    public void leave() {
        TreeTable table = keeper;
        if (table != null && !table.lasts(this)) {
            letGo();
        }
    }

    /** No node stays held. */
    public void letGo() {
        TreeTable table = keeper;
        if (table != null) {
            keeper = null;
            table.letGo(this);
        }
    }
}
