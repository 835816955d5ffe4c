package grantlab.hypervisor.tree;

import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;

/**
 * The table of a tree whose granter has its nodes back, though the grantee has yet to acknowledge what was taken from it (grant-v3.md, 5.4):
 * there is no entry, and nothing to be told to one.
 */
final class GoneTable implements TreeTable {
    static final GoneTable INSTANCE = new GoneTable();

    private GoneTable() {}

    @Override
    public long size() {
        return 0;
    }

    @Override
    public int locate(long index, int access, Leaf leaf) {
        return Status.BAD_GNTREF;
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        return Status.BAD_GNTREF;
    }

    @Override
    public void read(Leaf leaf) {
        throw new IllegalStateException("a leaf of a table that is gone");
    }

    @Override
    public void clear(long key, int order, long snapshot, int unused) {}

    @Override
    public int close(long key, int order, long snapshot) {
        return Status.OKAY;
    }

    @Override
    public int grow(long newRootGfn) {
        return Status.BAD_PAGE;
    }

    @Override
    public void invalidate(long prefix, int level) {}

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        return Status.OKAY;
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        return Status.OKAY;
    }

    @Override
    public void attached(long key, int order, boolean held) {}

    @Override
    public void dispose() {}
}
