package grantlab.conformance.clause;

import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.memory.Page;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Calls that clauses about trees as a whole make. */
final class TreeForms {
    private TreeForms() {}

    static V3Call creation(World world) {
        Party granter = world.granter();
        return RawTree.creation(world).with(V3TreeCreate.ROOT_GFN, freshRoot(granter));
    }

    static long freshRoot(Party granter) {
        return granter.kernel().frameOf(granter.kernel().allocatePages(Page.ORDER_4K));
    }

    static V3Call destruction(int slot, int generation) {
        return V3Call.of(V3Form.TREE_DESTROY).with(V3TreeDestroy.SLOT, slot).with(V3TreeDestroy.GEN, generation);
    }
}
