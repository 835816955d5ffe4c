package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3SetAccess;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Leaves of a tree of which everything may be taken back. */
final class TreeGrants implements Grants {
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    private final Party granter;
    private final RawTree tree;
    private final int[] generations;

    TreeGrants(World world, int size) {
        this.granter = world.granter();
        this.tree = RevokeForms.revocable(world);
        this.generations = new int[size];
        // The node of all of them.
        tree.node(1, 0);
    }

    @Override
    public long ref(int n) {
        return tree.ref(n);
    }

    @Override
    public void grant(int n, int page, boolean writable) {
        long generation = (long) (++generations[n] & 15) << V3Entry.GEN_SHIFT;
        tree.grant(n, page, generation | (writable ? V3Entry.W : 0));
    }

    @Override
    public boolean end(int n) {
        long word = tree.get(n);
        if ((word & V3Entry.TYPE_MASK) != V3Entry.LEAF || (word & IN_USE) != 0) {
            return false;
        }
        int fault = granter.vcpu().compareAndExchange(tree.entry(1, n), Long.BYTES, word, word & ~V3Entry.TYPE_MASK);
        return fault == 0 && granter.vcpu().value() == word;
    }

    @Override
    public boolean free(int n) {
        return (tree.get(n) & (IN_USE | V3Entry.ATTACHED)) == 0;
    }

    @Override
    public V3Call revocation(int first, int count) {
        return RevokeForms.revocation(tree, first, count);
    }

    @Override
    public V3Call request(int first, int count) {
        return RevokeForms.revocation(tree, first, count).with(V3Head.FLAGS, V3Revoke.SOFT);
    }

    @Override
    public boolean narrows() {
        return true;
    }

    @Override
    public V3Call narrowing(int n) {
        return tree.naming(V3Form.SET_ACCESS)
                .with(V3SetAccess.ACCESS, V3SetAccess.READ_ONLY)
                .with(V3SetAccess.POLICY, V3SetAccess.POLICY_FAULT)
                .with(V3SetAccess.FIRST, n)
                .with(V3SetAccess.COUNT, 1);
    }
}
