package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Query;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;
import grantlab.hypervisor.guest.EventRing;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What a CPU is charged for and does not use: neither does it keep others from it, nor does it go beyond a bound. */
@Needs(format = "layout-tree")
final class QuotaInHand {
    private static final String SOURCE = "grant-v3.md, section 6 (in hand), MAP-25, MAP-32";
    private static final long PLENTY = 1000;
    private static final int ROOT = 40;
    private static final int BOUND = 20;
    private static final int FLAT_REFERENCE = 9;

    /** A tree whose grantee may have so many mappings, or leaves in use, by one of the bounds that there are. */
    @FunctionalInterface
    private interface Bound {
        OwnTree tree(World world, int most);
    }

    private static final List<Bound> BOUNDS = List.of(
            (world, most) -> tree(world, V3TreeCreate.MAX_MAPPINGS, most),
            (world, most) -> tree(world, V3TreeCreate.MAX_ACTIVE, most),
            (world, most) -> {
                Toolstack.of(world).quota(World.GRANTEE, 0, most, PLENTY);
                return tree(world, V3TreeCreate.MAX_MAPPINGS, PLENTY);
            });

    private static OwnTree tree(World world, int bound, long most) {
        return tree(world, OwnTree.request(world.granter(), World.GRANTEE, ROOT).with(bound, most));
    }

    private static OwnTree tree(World world, V3Call request) {
        OwnTree tree = OwnTree.create(world.granter(), ROOT, request);
        for (int n = 0; n <= BOUND; n++) {
            tree.grant(n, n, OwnTree.WRITABLE);
        }
        return tree;
    }

    @Clause(
            id = "QUOTA-14",
            promise =
                    "What one CPU of a grantee let go of another may use, up to every bound and no further: leaf by leaf, by a run, and to"
                            + " copy.",
            source = SOURCE)
    void anotherCpu(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        V3Gate other = new V3Gate(second, grantee.area(grantee.page(10)), grantee.area(grantee.page(11)));
        for (Bound bound : BOUNDS) {
            OwnTree tree = bound.tree(world, BOUND);
            useAndLetGo(grantee, tree, other);
            leafByLeaf(world, grantee, tree);
            useAndLetGo(grantee, tree, other);
            byRun(grantee, tree);
            useAndLetGo(grantee, tree, other);
            Expect.okay(tree.destroy());
            Toolstack.of(world).quota(World.GRANTEE, 0, 0, PLENTY);
        }
        toCopy(world, grantee, other);
    }

    /** Some of it stays in hand. */
    private static void useAndLetGo(Party grantee, OwnTree tree, V3Gate cpu) {
        V3Answer mapped = cpu.call(OwnTree.mapping(grantee, World.GRANTER, tree.reference(0), 0));
        Expect.okay(mapped);
        Expect.okay(cpu.call(TreeDriver.unmapping(mapped)));
    }

    private static void leafByLeaf(World world, Party grantee, OwnTree tree) {
        List<V3Answer> mapped = new ArrayList<>();
        for (int n = 0; n < BOUND; n++) {
            V3Answer answer = tree.map(grantee, n, n, 0);
            Expect.okay(answer);
            mapped.add(answer);
        }
        long references = world.references(BOUND);
        Expect.status(Status.QUOTA, tree.map(grantee, BOUND, BOUND, 0));
        tree.expectMapped(BOUND, 0);
        Expect.equal("references", references, world.references(BOUND));
        expectUsed(grantee, BOUND);
        mapped.forEach(answer -> Expect.okay(OwnTree.unmap(grantee, answer)));
        expectUsed(grantee, 0);
    }

    private static void byRun(Party grantee, OwnTree tree) {
        V3Call run = OwnTree.mapping(grantee, World.GRANTER, tree.reference(0), 0);
        V3Answer mapped = grantee.call(run.with(V3Map.COUNT, BOUND + 1L));
        Expect.status(Status.QUOTA, mapped);
        Expect.equal("pages", BOUND, mapped.get(V3Map.DONE));
        expectUsed(grantee, BOUND);
        Expect.okay(grantee.call(TreeDriver.unmapping(mapped)));
        expectUsed(grantee, 0);
    }

    private static void expectUsed(Party grantee, long mappings) {
        V3Answer query = grantee.call(V3Call.of(V3Form.QUERY));
        Expect.equal("records_used", mappings, query.get(V3Query.RECORDS_USED));
    }

    private static void toCopy(World world, Party grantee, V3Gate other) {
        int few = BOUND / 2;
        OwnTree tree = tree(world, V3TreeCreate.MAX_ACTIVE, few);
        V3Call copy = new TreeDriver(grantee).copying(tree.reference(0), 5, Long.BYTES);
        world.granter().store(world.granter().page(0), 0x77);
        List<V3Answer> mapped = new ArrayList<>();
        for (int n = 1; n < few; n++) {
            useAndLetGo(grantee, tree, other);
            V3Answer answer = tree.map(grantee, n, n, 0);
            Expect.okay(answer);
            mapped.add(answer);
        }
        useAndLetGo(grantee, tree, other);
        V3Answer last = tree.map(grantee, 0, 0, 0);
        Expect.okay(last);
        Expect.okay(OwnTree.unmap(grantee, last));
        useAndLetGo(grantee, tree, other);
        Expect.okay(grantee.call(copy));
        Expect.equal("copied", 0x77, grantee.load(grantee.page(5)));
        mapped.add(tree.map(grantee, 0, 0, 0));
        Expect.okay(mapped.getLast());
        V3Call beyond = new TreeDriver(grantee).copying(tree.reference(few), 5, Long.BYTES);
        Expect.status(Status.QUOTA, grantee.call(beyond));
        mapped.forEach(answer -> Expect.okay(OwnTree.unmap(grantee, answer)));
        Expect.okay(tree.destroy());
    }

    @Clause(
            id = "QUOTA-16",
            promise =
                    "The granter hears that a bound of its tree was met when there is no room, not while a CPU has some in hand; a reference of"
                            + " the flat table finds that too.",
            source = SOURCE + ", 9 (QUOTA_HIT), Slot 0")
    void toldOnce(World world) {
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        V3Gate other = new V3Gate(second, grantee.area(grantee.page(10)), grantee.area(grantee.page(11)));
        EventRing ring = RingForms.granterRing(world);
        for (int bound : new int[] {V3TreeCreate.MAX_MAPPINGS, V3TreeCreate.MAX_ACTIVE}) {
            OwnTree tree = tree(
                    world, RingForms.request(world, World.GRANTEE, ROOT, ring).with(bound, BOUND));
            useAndLetGo(grantee, tree, other);
            List<V3Answer> mapped = new ArrayList<>();
            for (int n = 0; n < BOUND; n++) {
                mapped.add(tree.map(grantee, n, n, 0));
                Expect.okay(mapped.getLast());
            }
            RingForms.expectNothing(ring);
            Expect.status(Status.QUOTA, tree.map(grantee, BOUND, BOUND, 0));
            RingForms.expectNext(ring, V3RingEntry.QUOTA_HIT);
            RingForms.expectNothing(ring);
            mapped.forEach(answer -> Expect.okay(OwnTree.unmap(grantee, answer)));
            Expect.okay(tree.destroy());
        }
        flat(world, grantee, other);
    }

    private static void flat(World world, Party grantee, V3Gate other) {
        Toolstack.of(world).quota(World.GRANTEE, 0, BOUND, PLENTY);
        OwnTree tree = tree(world, V3TreeCreate.MAX_MAPPINGS, 0);
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, FLAT_REFERENCE, 0, 0);
            useAndLetGo(grantee, tree, other);
            List<V3Answer> mapped = new ArrayList<>();
            for (int n = 0; n < BOUND; n++) {
                mapped.add(driver.hold(FLAT_REFERENCE, n, 0));
            }
            Expect.status(Status.QUOTA, driver.map(FLAT_REFERENCE, BOUND, 0));
            mapped.forEach(driver::letGo);
        });
    }

    @Clause(
            id = "QUOTA-15",
            promise = "A bound that becomes less is in force at once, whatever a CPU let go of before.",
            source = SOURCE + ", 5.3, QUOTA-5")
    void lowered(World world) {
        Party grantee = world.grantee();
        Toolstack toolstack = Toolstack.of(world);
        List<Consumer<OwnTree>> bounds = List.of(
                tree -> Expect.okay(tree.limits(2, 0)),
                tree -> Expect.okay(tree.limits(0, 2)),
                tree -> toolstack.quota(World.GRANTEE, 0, 2, PLENTY));
        for (Consumer<OwnTree> bound : bounds) {
            OwnTree tree = tree(world, V3TreeCreate.MAX_MAPPINGS, 0);
            useAndLetGo(grantee, tree, grantee.gate());
            bound.accept(tree);
            V3Answer first = tree.map(grantee, 0, 0, 0);
            Expect.okay(first);
            V3Answer second = tree.map(grantee, 1, 1, 0);
            Expect.okay(second);
            Expect.status(Status.QUOTA, tree.map(grantee, 2, 2, 0));
            Expect.okay(OwnTree.unmap(grantee, first));
            V3Answer third = tree.map(grantee, 2, 2, 0);
            Expect.okay(third);
            Expect.status(Status.QUOTA, tree.map(grantee, 0, 0, 0));
            Expect.okay(tree.limits(1, 1));
            Expect.status(Status.QUOTA, tree.map(grantee, 0, 0, 0));
            Expect.okay(OwnTree.unmap(grantee, third));
            Expect.status(Status.QUOTA, tree.map(grantee, 2, 2, 0));
            Expect.okay(OwnTree.unmap(grantee, second));
            Expect.okay(tree.destroy());
            toolstack.quota(World.GRANTEE, 0, 0, PLENTY);
        }
        world.step("a copy is the first that comes after it");
        OwnTree tree = tree(world, V3TreeCreate.MAX_ACTIVE, 0);
        V3Answer mapped = tree.map(grantee, 0, 0, 0);
        Expect.okay(mapped);
        Expect.okay(tree.limits(0, 1));
        V3Call copy = new TreeDriver(grantee).copying(tree.reference(1), 5, Long.BYTES);
        Expect.status(Status.QUOTA, grantee.call(copy));
        Expect.okay(OwnTree.unmap(grantee, mapped));
        Expect.okay(grantee.call(copy));
    }
}
