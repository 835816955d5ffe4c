package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/**
 * A tree of one level that a clause makes by itself: its root is a page of the granter, an entry is a word that the granter
 * stores. What grantees do with it is asked for by raw calls.
 */
final class OwnTree {
    /** Grants reading and writing. */
    static final long WRITABLE = V3Entry.LEAF | V3Entry.W;

    /** Indices of a tree of one level. */
    static final int SPAN = 512;

    private final Party granter;
    private final int root;
    private final V3Answer created;

    private OwnTree(Party granter, int root, V3Answer created) {
        this.granter = granter;
        this.root = root;
        this.created = created;
    }

    /** What creates one; to be changed. */
    static V3Call request(Party granter, int peer, int root) {
        return V3Call.of(V3Form.TREE_CREATE)
                .with(V3TreeCreate.PEER, peer)
                .with(V3TreeCreate.LEVELS, 1)
                .with(V3TreeCreate.PAGE_SHIFT, Page.SHIFT)
                .with(V3TreeCreate.ROOT_GFN, granter.pageFrame(root))
                .with(V3TreeCreate.INDEX_LIMIT, SPAN)
                .with(V3TreeCreate.RING_ID, V3TreeCreate.NONE)
                .with(V3TreeCreate.DEV_ID, V3TreeCreate.NONE);
    }

    /** Creates one, and that must work. */
    static OwnTree create(Party granter, int peer, int root, int flags) {
        return create(granter, root, request(granter, peer, root).and(flags));
    }

    /** Creates one, and that must work. */
    static OwnTree create(Party granter, int root, V3Call request) {
        V3Answer created = granter.call(request);
        Expect.okay(created);
        return new OwnTree(granter, root, created);
    }

    long slot() {
        return created.get(V3TreeCreate.SLOT);
    }

    long generation() {
        return created.get(V3TreeCreate.GEN);
    }

    /** The epoch that its creation told. */
    long epoch() {
        return created.get(V3TreeCreate.PEER_EPOCH);
    }

    long reference(long index) {
        return created.get(V3TreeCreate.BASE_REF) + index;
    }

    /** Grants a page of the granter. */
    void grant(int index, int page, long bits) {
        setEntry(index, Page.address(granter.pageFrame(page)) | bits);
    }

    long entry(int index) {
        return granter.load(address(index));
    }

    void setEntry(int index, long word) {
        granter.store(address(index), granter.treeWord(word));
    }

    private long address(int index) {
        return granter.page(root) + (long) index * V3Entry.SIZE;
    }

    /** Nothing says that a leaf is in use, or that it is. */
    void expectMapped(int index, long mapped) {
        Expect.bits("entry " + index, V3Entry.MAPPED_R | V3Entry.MAPPED_W, mapped, entry(index));
    }

    V3Answer update(int flag, int epoch) {
        return granter.call(V3Call.of(V3Form.TREE_UPDATE)
                .with(V3Head.FLAGS, flag)
                .with(V3TreeUpdate.SLOT, slot())
                .with(V3TreeUpdate.GEN, generation())
                .with(V3TreeUpdate.EPOCH, epoch));
    }

    V3Answer resume(int epoch) {
        return update(V3TreeUpdate.RESUME, epoch);
    }

    V3Answer limits(long mappings, long active) {
        return granter.call(V3Call.of(V3Form.TREE_UPDATE)
                .with(V3Head.FLAGS, V3TreeUpdate.LIMITS)
                .with(V3TreeUpdate.SLOT, slot())
                .with(V3TreeUpdate.GEN, generation())
                .with(V3TreeUpdate.INDEX_LIMIT, SPAN)
                .with(V3TreeUpdate.MAX_MAPPINGS, mappings)
                .with(V3TreeUpdate.MAX_ACTIVE, active));
    }

    V3Answer destroy() {
        return granter.call(
                V3Call.of(V3Form.TREE_DESTROY).with(V3TreeDestroy.SLOT, slot()).with(V3TreeDestroy.GEN, generation()));
    }

    /** Has a grantee map an index writable at one of its slots. */
    V3Answer map(Party grantee, long index, int at, int epoch) {
        return grantee.call(
                mapping(grantee, granter.domid(), reference(index), at).with(V3Map.EPOCH, epoch));
    }

    /** The element with which a grantee maps one page writable at one of its slots. */
    static V3Call mapping(Party grantee, int granter, long reference, int at) {
        boolean translated = grantee.translated();
        long slot = grantee.slot(at);
        return V3Call.of(V3Form.MAP)
                .with(V3Map.REF, reference)
                .with(
                        V3Map.DEST,
                        translated
                                ? Page.frame(slot)
                                : grantee.domain().addressSpace().entryAddress(slot))
                .with(V3Map.PEER, granter)
                .with(V3Map.FLAGS, V3Map.HOST | V3Map.WRITE | (translated ? 0 : V3Map.DEST_PTE))
                .with(V3Map.COUNT, 1);
    }

    /** Unmaps one page. */
    static V3Answer unmap(Party grantee, V3Answer mapped) {
        return grantee.call(V3Call.of(V3Form.UNMAP)
                .with(V3Unmap.HANDLE, mapped.get(V3Map.HANDLE))
                .with(V3Unmap.COUNT, 1));
    }
}
