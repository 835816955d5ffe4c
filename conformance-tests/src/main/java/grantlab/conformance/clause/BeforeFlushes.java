package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * Another CPU of the granter looks when the grantee's TLBs are about to be flushed: its CPUs may store to the page until they are, so
 * the granter is still told that it is in use.
 */
@Interruptible
final class BeforeFlushes {
    private static final int INDEX = 5;
    private static final int AGREED = V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE;

    @Needs(format = "in-use-bits")
    @Clause(
            id = "RACE-24",
            promise =
                    "Until all CPUs have forgotten a mapping that is undone its entry is in use; when the call is over it is not.",
            source = "xen-semantics.md, 3.11 (cleared after its mapping, its TLB entries and its pin are gone)")
    void entryStandsUntilFlush(World world) {
        Driver driver = new Driver(world.grantee());
        MappedGrant mapped = driver.map(world.grant(0, Access.READ | Access.WRITE), 0, Access.READ | Access.WRITE);
        AtomicBoolean inUse = new AtomicBoolean(true);
        int flushes = world.interruption()
                .beforeFlush(
                        () -> inUse.compareAndSet(true, world.table().inUse(World.FIRST_INDEX)),
                        () -> driver.unmap(mapped));
        Expect.holds("TLBs are flushed", flushes > 0);
        Expect.holds("in use before TLBs are flushed", inUse.get());
        Expect.holdsNot("in use afterwards", world.table().inUse(World.FIRST_INDEX));
    }

    /** Marks that the call ends are there before each flush of it. */
    private static void expectUntilFlush(World world, long ended, Function<RawTree, V3Call> call) {
        RawTree tree = RevokeForms.revocable(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        tree.grant(INDEX, 0, V3Entry.W);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, AGREED);
        expectUntilFlush(world, tree, ended, () -> Expect.okay(world.granter().call(call.apply(tree))));
        driver.letGo(mapped);
    }

    private static void expectUntilFlush(World world, RawTree tree, long ended, Runnable call) {
        AtomicLong marks = new AtomicLong(-1);
        int flushes = world.interruption().beforeFlush(() -> marks.getAndUpdate(seen -> seen & tree.get(INDEX)), call);
        Expect.holds("TLBs are flushed", flushes > 0);
        Expect.equal("marks before TLBs are flushed", ended, marks.get() & ended);
        Expect.equal("marks afterwards", 0, tree.get(INDEX) & ended);
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "RACE-25",
            promise =
                    "Until all CPUs have forgotten a mapping that is undone the marks of its leaf stand; when the call is over they are gone.",
            source = "grant-v3.md, UNMAP-8, UNMAP-9, I4")
    void leafStandsUntilFlush(World world) {
        RawTree tree = RawTree.of(world);
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 0, V3Map.WRITE);
        expectUntilFlush(world, tree, V3Entry.MAPPED_R | V3Entry.MAPPED_W, () -> driver.letGo(mapped));
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "RACE-26",
            promise = "Until all CPUs have forgotten a page that is taken back the marks of its leaf stand.",
            source = "grant-v3.md, 8.2, SEC-5")
    void takenBack(World world) {
        expectUntilFlush(world, V3Entry.MAPPED_R | V3Entry.MAPPED_W, tree -> RevokeForms.revocation(tree, INDEX, 1));
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "RACE-27",
            promise =
                    "Until no CPU may store to a page that becomes read-only any more its leaf says that it is mapped for writing.",
            source = "grant-v3.md, DOWN-8, SEC-5")
    void madeReadOnly(World world) {
        expectUntilFlush(world, V3Entry.MAPPED_W, tree -> DownForms.downgrade(tree, INDEX, 1));
    }
}
