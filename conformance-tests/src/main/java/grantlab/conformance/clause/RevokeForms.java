package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.conformance.Expect;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Revocations of leaves, and what is expected of them. */
final class RevokeForms {
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final long COOKIE = 0x7265_766f_6b65_2121L;

    private RevokeForms() {}

    static RawTree revocable(World world) {
        world.step("the granter makes a tree of which everything may be taken back");
        return RawTree.of(world.granter(), RawTree.creation(world).and(V3TreeCreate.REVOCABLE_ONLY))
                .forDevices();
    }

    static V3Call revocation(RawTree tree, long first, long count) {
        return tree.naming(V3Form.REVOKE)
                .and(V3Revoke.FORCE)
                .with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)
                .with(V3Revoke.FIRST, first)
                .with(V3Revoke.COUNT, count)
                .with(V3Revoke.COOKIE, COOKIE);
    }

    static V3Call revocationOfAll(RawTree tree) {
        return revocation(tree, 0, 0).and(V3Revoke.WHOLE_TREE);
    }

    static void expectTaken(World world, V3Call revocation, int mappings) {
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
    }

    /** By exhaustive search: nobody but the granter reaches a page of its. */
    static void expectPrivate(World world, int... pages) {
        for (int page : pages) {
            expectPrivateFrame(world, world.granter().machineFrame(page));
        }
    }

    static void expectPrivateFrame(World world, long frame) {
        Reachability.expectPrivate(world, World.GRANTER, frame);
    }

    static void expectDead(RawTree tree, long index) {
        long word = tree.get(index);
        Expect.equal("type of the entry", V3Entry.TOMBSTONE, word & V3Entry.TYPE_MASK);
        Expect.equal("use of the entry", 0, word & IN_USE);
        Expect.equal("what is left to be acknowledged", V3Entry.ATTACHED, word & V3Entry.ATTACHED);
    }

    static void expectFree(RawTree tree, long index) {
        long word = tree.get(index);
        Expect.equal("type of the entry", V3Entry.TOMBSTONE, word & V3Entry.TYPE_MASK);
        Expect.equal("use of the entry", 0, word & (IN_USE | V3Entry.ATTACHED));
    }

    static int status(V3Answer answer, int field) {
        return (int) answer.get(field);
    }
}
