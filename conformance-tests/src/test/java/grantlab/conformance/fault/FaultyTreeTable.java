package grantlab.conformance.fault;

import grantlab.api.grant.Leaf;
import grantlab.api.grant.NodeCacheCounts;
import grantlab.api.grant.TreeTable;
import java.util.function.LongConsumer;

/** A table in the granter's memory that is the real one, but for what a fault overrides. */
class FaultyTreeTable implements TreeTable {
    final TreeTable real;

    FaultyTreeTable(TreeTable real) {
        this.real = real;
    }

    @Override
    public int grow(long newRootGfn) {
        return real.grow(newRootGfn);
    }

    @Override
    public boolean end(long key, int order, long snapshot) {
        return real.end(key, order, snapshot);
    }

    @Override
    public boolean end(Leaf near, long key, int order, long snapshot) {
        return real.end(near, key, order, snapshot);
    }

    @Override
    public void clear(Leaf near, long key, int order, long snapshot, int unused) {
        real.clear(near, key, order, snapshot, unused);
    }

    @Override
    public void invalidate(long prefix, int level) {
        real.invalidate(prefix, level);
    }

    @Override
    public int synchronise(long key, int order, long snapshot, int inUse) {
        return real.synchronise(key, order, snapshot, inUse);
    }

    @Override
    public int protect(long key, int order, long snapshot) {
        return real.protect(key, order, snapshot);
    }

    @Override
    public void attached(long key, int order, boolean held) {
        real.attached(key, order, held);
    }

    @Override
    public void release(Leaf leaf) {
        real.release(leaf);
    }

    @Override
    public void keep(Leaf leaf) {
        real.keep(leaf);
    }

    @Override
    public void letGo(Leaf leaf) {
        real.letGo(leaf);
    }

    @Override
    public NodeCacheCounts nodeCache() {
        return real.nodeCache();
    }

    @Override
    public int generation(long snapshot) {
        return real.generation(snapshot);
    }

    @Override
    public void survey(TreeTable.Visitor visitor) {
        real.survey(visitor);
    }

    @Override
    public void visitHeldNodes(LongConsumer visitor) {
        real.visitHeldNodes(visitor);
    }

    @Override
    public void dispose() {
        real.dispose();
    }

    @Override
    public long size() {
        return real.size();
    }

    @Override
    public int locate(long index, int access, Leaf leaf) {
        return real.locate(index, access, leaf);
    }

    @Override
    public int mark(Leaf leaf, int grantee, int access, boolean fresh) {
        return real.mark(leaf, grantee, access, fresh);
    }

    @Override
    public void read(Leaf leaf) {
        real.read(leaf);
    }

    @Override
    public void clear(long key, int order, long snapshot, int unused) {
        real.clear(key, order, snapshot, unused);
    }

    @Override
    public int close(long key, int order, long snapshot) {
        return real.close(key, order, snapshot);
    }
}
