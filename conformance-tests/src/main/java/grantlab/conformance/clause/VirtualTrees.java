package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;

/** Trees whose grantee is a virtual domid, and who sees them. */
final class VirtualTrees {
    private static final int PAGE = 3;
    private static final int INDEX = 5;
    private static final int SLOT = 9;
    private static final long GREETING = 0x6261_636b_656e_6421L;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;

    private VirtualTrees() {}

    /** A tree of d1 with p3 at index 5. */
    static OwnTree tree(World world, int peer, int root, int flags) {
        world.step("d1 creates a tree for 0x" + Integer.toHexString(peer) + " and grants p" + PAGE);
        Party granter = world.granter();
        granter.store(granter.page(PAGE), GREETING);
        OwnTree tree = OwnTree.create(granter, peer, root, flags);
        tree.grant(INDEX, PAGE, OwnTree.WRITABLE);
        return tree;
    }

    static void sees(World world, Party grantee, OwnTree tree, int epoch) {
        world.step(grantee + " maps, sees the page, and unmaps");
        V3Answer mapped = tree.map(grantee, INDEX, SLOT + 2, epoch);
        Expect.okay(mapped);
        Sight.value(grantee, grantee.slot(SLOT + 2), GREETING);
        tree.expectMapped(INDEX, IN_USE);
        Expect.okay(OwnTree.unmap(grantee, mapped));
    }
}
