package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;
import static grantlab.conformance.clause.RevokeForms.revocationOfAll;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.hypervisor.guest.EventRing;
import grantlab.hypervisor.guest.EventRing.Event;
import java.util.ArrayList;
import java.util.List;

/** Where a revocation begins, how far it says it came, and that one which does not begin leaves nothing behind. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class RevokeProgress {
    private static final int WRITE = V3Map.WRITE | V3Map.ACCEPT_FAULT;
    private static final int FIRST = 4;
    private static final int LEAVES = 12;
    private static final int ENTRIES = 128;
    private static final int MORE_THAN_MAY_WAIT = 17;
    private static final int GARBAGE = 7;

    /** Leaves 4 to 15, each mapped at the slot of its number. */
    private static List<V3Answer> mapped(World world, RawTree tree) {
        TreeDriver driver = new TreeDriver(world.grantee());
        List<V3Answer> mapped = new ArrayList<>();
        for (int n = FIRST; n < FIRST + LEAVES; n++) {
            tree.grant(n, n, V3Entry.W);
            mapped.add(driver.hold(tree.ref(n), n, WRITE));
        }
        return mapped;
    }

    private static void letGo(World world, List<V3Answer> mapped) {
        TreeDriver driver = new TreeDriver(world.grantee());
        mapped.forEach(driver::letGo);
    }

    @Clause(
            id = "REVOKE-52",
            promise =
                    "A call that says how far it came before goes on from there, takes nothing before and nothing behind, and says how"
                            + " far it came.",
            source = "grant-v3.md, section 1; 8.2; v3_revoke: done")
    void goesOn(World world) {
        RawTree tree = revocable(world);
        List<V3Answer> mapped = mapped(world, tree);
        V3Answer answer = world.granter().call(revocation(tree, 8, 6).with(V3Revoke.DONE, 2));
        Expect.okay(answer);
        Expect.equal("mappings removed", 4, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("pages done", 6, answer.get(V3Revoke.DONE));
        Party grantee = world.grantee();
        for (int n = FIRST; n < FIRST + LEAVES; n++) {
            if (n >= 10 && n < 14) {
                expectPrivate(world, n);
            } else {
                Expect.equal("vector at slot " + n, 0, grantee.tryLoad(grantee.slot(n)));
                Expect.bits("type of entry " + n, V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(n));
            }
        }
        world.step("all of it is done already");
        answer = world.granter().call(revocation(tree, 8, 6).with(V3Revoke.DONE, 6));
        Expect.okay(answer);
        Expect.equal("mappings removed", 0, answer.get(V3Revoke.UNMAPPED));
        Expect.bits("type of entry 8", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(8));
        letGo(world, mapped);
    }

    @Clause(
            id = "REVOKE-53",
            promise =
                    "For a whole tree, of which done counts leaves in use, it is counted on from what the call was given.",
            source = "grant-v3.md, 8.2; v3_revoke: done")
    void countsLeavesOfAll(World world) {
        RawTree tree = revocable(world);
        List<V3Answer> mapped = mapped(world, tree);
        V3Answer answer = world.granter().call(revocationOfAll(tree).with(V3Revoke.DONE, GARBAGE));
        Expect.okay(answer);
        Expect.equal("mappings removed", LEAVES, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("leaves done", GARBAGE + LEAVES, answer.get(V3Revoke.DONE));
        letGo(world, mapped);
    }

    @Clause(
            id = "REVOKE-54",
            promise =
                    "What was in the fields of the answer before the call is not in it afterwards, whatever is asked for.",
            source = "grant-v3.md, 8.2; v3_revoke")
    void answersAreWritten(World world) {
        RawTree tree = revocable(world);
        List<V3Answer> mapped = mapped(world, tree);
        for (V3Call call : List.of(
                revocation(tree, FIRST, 1).with(V3Head.FLAGS, V3Revoke.SOFT),
                revocation(tree, 0, 2).with(V3Head.FLAGS, V3Revoke.SOFT),
                revocation(tree, FIRST + 1, 1),
                revocation(tree, 0, 2))) {
            boolean waits = call.get(V3Head.FLAGS) == V3Revoke.SOFT && call.get(V3Revoke.FIRST) == FIRST;
            boolean takes = call.get(V3Revoke.FIRST) == FIRST + 1;
            V3Answer answer = world.granter()
                    .call(call.with(V3Revoke.UNMAPPED, GARBAGE)
                            .with(V3Revoke.REPLACED, GARBAGE)
                            .with(V3Revoke.RESULT, GARBAGE)
                            .with(V3Revoke.REVOKE_ID, GARBAGE));
            Expect.okay(answer);
            Expect.equal("mappings removed", takes ? 1 : 0, answer.get(V3Revoke.UNMAPPED));
            Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
            Expect.equal("result", waits ? V3Revoke.SOFT_PENDING : 0, answer.get(V3Revoke.RESULT));
            Expect.holds("it has a number", answer.get(V3Revoke.REVOKE_ID) != 0);
        }
        letGo(world, mapped);
    }

    @Clause(
            id = "REVOKE-55",
            promise =
                    "When the granter's ring has no room for the end of it FORCE is refused and has changed nothing, however often;"
                            + " when there is room again it takes.",
            source = "grant-v3.md, REVOKE-13")
    void ringWithoutRoom(World world) {
        EventRing ring = RevokeLater.ring(world);
        RawTree tree = RevokeLater.tree(world, ring);
        List<V3Answer> mapped = mapped(world, tree);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(100, 3, V3Entry.NOTIFY);
        for (int n = 0; n < ENTRIES; n++) {
            driver.letGo(driver.hold(tree.ref(100), 1, V3Map.ACCEPT_FAULT));
        }
        V3Call call = revocation(tree, FIRST, 2);
        for (int n = 0; n < MORE_THAN_MAY_WAIT; n++) {
            Expect.status(Status.QUOTA, world.granter().call(call));
            Expect.status(Status.QUOTA, world.granter().call(call.and(V3Revoke.ASYNC)));
        }
        Expect.bits("type of the entry", V3Entry.TYPE_MASK, V3Entry.LEAF, tree.get(FIRST));
        world.machine().checkInvariants();
        world.step("the granter reads its ring");
        Event event = new Event();
        for (boolean more = true; more; ) {
            more = ring.next(event);
        }
        RevokeLater.expectDone(ring, taken(world, call), 2, 0);
        RevokeLater.expectDone(ring, taken(world, revocation(tree, FIRST + 2, 2).and(V3Revoke.ASYNC)), 2, 0);
        expectPrivate(world, FIRST, FIRST + 1, FIRST + 2, FIRST + 3);
        letGo(world, mapped);
    }

    @Clause(
            id = "REVOKE-57",
            promise =
                    "A granter that emptied the entry of a leaf in use, or put another there, takes back what is in use all the same, by its"
                            + " range.",
            source = "grant-v3.md, 8.2, phase 1; SEC-3")
    void emptiedBefore(World world) {
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        for (long word : new long[] {0, RawTree.leaf(world.granter().pageFrame(1), V3Entry.W)}) {
            long index = word == 0 ? FIRST : FIRST + 1;
            V3Answer mapped = driver.hold(tree.grant(index, 0, V3Entry.W), 0, V3Map.WRITE | V3Map.ACCEPT_FAULT);
            tree.put(index, word);
            V3Answer answer = taken(world, revocation(tree, index, 1));
            Expect.equal("mappings removed", 1, answer.get(V3Revoke.UNMAPPED));
            Sight.nothing(world.grantee(), world.grantee().slot(0));
            expectPrivate(world, 0, 1);
            driver.letGo(mapped);
            world.machine().checkInvariants();
        }
    }

    private static V3Answer taken(World world, V3Call call) {
        V3Answer answer = world.granter().call(call);
        Expect.okay(answer);
        return answer;
    }
}
