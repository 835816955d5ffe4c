package grantlab.conformance.clause;

import static grantlab.conformance.clause.RevokeForms.expectDead;
import static grantlab.conformance.clause.RevokeForms.expectFree;
import static grantlab.conformance.clause.RevokeForms.expectPrivate;
import static grantlab.conformance.clause.RevokeForms.revocable;
import static grantlab.conformance.clause.RevokeForms.revocation;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** What stands in for a page that was taken: zeros, or a copy. */
@Needs(format = "layout-tree")
final class RevokeFates {
    private static final String SOURCE = "grant-v3.md, 8.1";
    private static final int INDEX = 5;
    private static final int PAGE = 3;
    private static final int ZERO = V3Map.ACCEPT_ZERO;
    private static final int SNAPSHOT = V3Map.ACCEPT_SNAPSHOT;
    private static final int FAULT = V3Map.ACCEPT_FAULT;
    private static final long PRESENT_WRITABLE = 7;
    private static final int WORDS = Page.SIZE / Long.BYTES;
    private static final int STORES = 20_000;

    private static V3Call asking(RawTree tree, long first, long count, int fate) {
        return revocation(tree, first, count).with(V3Revoke.CPU_FATE, fate);
    }

    private static void expectTaken(World world, V3Call revocation, int replaced, int removed) {
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.equal("mappings replaced", replaced, answer.get(V3Revoke.REPLACED));
        Expect.equal("mappings removed", removed, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
    }

    private static RawTree granting(World world) {
        RawTree tree = revocable(world);
        Sight.fill(world.granter(), world.granter().page(PAGE), 1);
        tree.grant(INDEX, PAGE, V3Entry.W);
        return tree;
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-15",
            promise =
                    "With SNAPSHOT the grantee goes on with a copy of what it could have read just before, in a page of its own:"
                            + " what it writes there the granter does not see, nor it what the granter writes.",
            source = SOURCE)
    void snapshot(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long[] reserve = Reserves.reserve(grantee, 2);
        long standIn = Reserves.machineFrame(grantee, reserve[1]);
        long held = world.machine().frames().references(standIn);
        RawTree tree = granting(world);
        long before = world.references(PAGE);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer writer = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
        V3Answer reader = driver.hold(tree.ref(INDEX), 1, SNAPSHOT);
        grantee.store(grantee.slot(0), 77);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 2, 0);
        expectPrivate(world, PAGE);
        Expect.equal("references of the page", before, world.references(PAGE));
        expectDead(tree, INDEX);
        world.step("both sides write");
        granter.store(granter.page(PAGE), 88);
        granter.store(granter.page(PAGE) + Long.BYTES, 89);
        grantee.store(grantee.slot(0) + Long.BYTES, 99);
        Sight.value(grantee, grantee.slot(0), 77);
        Sight.value(grantee, grantee.slot(0) + Long.BYTES, 99);
        Sight.readOnly(grantee, grantee.slot(1), 77);
        Sight.value(granter, granter.page(PAGE) + Long.BYTES, 89);
        grantee.store(grantee.slot(0), Sight.word(1, 0));
        grantee.store(grantee.slot(0) + Long.BYTES, Sight.word(1, Long.BYTES));
        Sight.filled(grantee, grantee.slot(0), 1);
        world.machine().checkInvariants();
        driver.letGo(writer);
        Sight.nothing(grantee, grantee.slot(0));
        driver.letGo(reader);
        expectFree(tree, INDEX);
        Expect.equal(
                "references of the page that stood in",
                held,
                world.machine().frames().references(standIn));
        Reserves.expectUnneeded(grantee);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-16",
            promise = "With ZERO the grantee goes on with a page of zeros of its own, and writes there for itself.",
            source = SOURCE)
    void zeros(World world) {
        Party grantee = world.grantee();
        long[] reserve = Reserves.reserve(grantee, 1);
        grantee.store(reserve[0] + 2 * Long.BYTES, 0xbad);
        RawTree tree = granting(world);
        long before = world.references(PAGE);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | ZERO);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_ZERO), 1, 0);
        expectPrivate(world, PAGE);
        Expect.equal("references of the page", before, world.references(PAGE));
        for (int word = 0; word < WORDS; word++) {
            Sight.value(grantee, grantee.slot(0) + (long) word * Long.BYTES, 0);
        }
        grantee.store(grantee.slot(0), 5);
        Sight.value(grantee, grantee.slot(0), 5);
        Sight.filled(world.granter(), world.granter().page(PAGE), 1);
        expectDead(tree, INDEX);
        world.machine().checkInvariants();
        driver.letGo(mapped);
        expectFree(tree, INDEX);
        Reserves.expectUnneeded(grantee);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-17",
            promise =
                    "What could only be read becomes zeros without a page of the grantee's, and still can only be read; all such"
                            + " mappings share one page.",
            source = SOURCE + "; MAP-15")
    void sharedZeros(World world) {
        Party grantee = world.grantee();
        RawTree tree = granting(world);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer one = driver.hold(tree.ref(INDEX), 0, ZERO);
        V3Answer other = driver.hold(tree.ref(INDEX + 1), 1, ZERO);
        expectTaken(world, asking(tree, INDEX, 2, V3Revoke.CPU_ZERO), 2, 0);
        expectPrivate(world, PAGE, PAGE + 1);
        Sight.readOnly(grantee, grantee.slot(0), 0);
        Sight.readOnly(grantee, grantee.slot(1), 0);
        world.machine().checkInvariants();
        driver.letGo(one);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.value(grantee, grantee.slot(1), 0);
        driver.letGo(other);
        expectFree(tree, INDEX);
        expectFree(tree, INDEX + 1);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-18",
            promise =
                    "A mapping that did not accept the fate that is asked for gets the first that it did: FAULT, ZERO, SNAPSHOT."
                            + " One that accepted none is not made.",
            source = SOURCE + "; MAP-13")
    void firstAcceptedFate(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 6);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        Expect.status(Status.NOT_REVOCABLE, driver.map(tree.ref(INDEX), 0, V3Map.WRITE));
        int[] accepted = {FAULT, ZERO | SNAPSHOT, SNAPSHOT, FAULT | SNAPSHOT, ZERO};
        V3Answer[] mapped = new V3Answer[accepted.length];
        for (int slot = 0; slot < accepted.length; slot++) {
            mapped[slot] = driver.hold(tree.ref(INDEX), slot, V3Map.WRITE | accepted[slot]);
        }
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_FAULT), 3, 2);
        expectPrivate(world, PAGE);
        long copied = Sight.word(1, 0);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.value(grantee, grantee.slot(1), 0);
        Sight.value(grantee, grantee.slot(2), copied);
        Sight.nothing(grantee, grantee.slot(3));
        Sight.value(grantee, grantee.slot(4), 0);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        expectFree(tree, INDEX);
        tree.grant(INDEX, PAGE, V3Entry.W);
        world.step("the same with SNAPSHOT");
        for (int slot = 0; slot < accepted.length; slot++) {
            mapped[slot] = driver.hold(tree.ref(INDEX), slot, V3Map.WRITE | accepted[slot]);
        }
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 4, 1);
        expectPrivate(world, PAGE);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.value(grantee, grantee.slot(1), copied);
        Sight.value(grantee, grantee.slot(2), copied);
        Sight.value(grantee, grantee.slot(3), copied);
        Sight.value(grantee, grantee.slot(4), 0);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        Reserves.expectUnneeded(grantee);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-19",
            promise =
                    "A page of the reserve is promised to each page that is mapped with SNAPSHOT, or with ZERO to be written:"
                            + " without one it is not mapped, and with the end of the mapping the page is free.",
            source = "grant-v3.md, MAP-15")
    void promisedPages(World world) {
        Party grantee = world.grantee();
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        int writing = V3Map.WRITE | FAULT;
        for (int refused : new int[] {SNAPSHOT, V3Map.WRITE | SNAPSHOT, V3Map.WRITE | ZERO, writing | ZERO}) {
            Expect.status(Status.QUOTA, driver.map(tree.ref(INDEX), 0, refused));
        }
        Expect.equal("use of the entry", 0, tree.get(INDEX) & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        Reserves.reserve(grantee, 2);
        V3Answer one = driver.hold(tree.ref(INDEX), 0, SNAPSHOT);
        tree.grant(INDEX + 1, PAGE + 1, V3Entry.W);
        V3Answer half =
                grantee.call(driver.mapping(tree.ref(INDEX), 1).and(SNAPSHOT).with(V3Map.COUNT, 2));
        Expect.status(Status.QUOTA, half);
        Expect.equal("pages mapped", 1, half.get(V3Map.DONE));
        driver.letGo(half);
        V3Answer other = driver.hold(tree.ref(INDEX), 1, V3Map.WRITE | ZERO);
        Expect.status(Status.QUOTA, driver.map(tree.ref(INDEX), 2, SNAPSHOT));
        driver.letGo(driver.hold(tree.ref(INDEX), 2, ZERO));
        driver.letGo(driver.hold(tree.ref(INDEX), 2, V3Map.WRITE | FAULT));
        driver.letGo(other);
        world.step("a page that is not mapped gives back what it did not need");
        V3Answer run = grantee.call(driver.mapping(tree.ref(INDEX - 1), 1).and(SNAPSHOT));
        Expect.status(Status.BAD_GNTREF, run);
        other = driver.hold(tree.ref(INDEX), 1, SNAPSHOT);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 2, 0);
        world.step("what was taken needs its page until it is acknowledged");
        Expect.status(Status.QUOTA, driver.map(tree.ref(INDEX + 1), 2, SNAPSHOT));
        driver.letGo(one);
        driver.letGo(driver.hold(tree.ref(INDEX + 1), 2, SNAPSHOT));
        driver.letGo(other);
        Reserves.expectUnneeded(grantee);
    }

    @Needs(format = "large-leaves", granter = "translated", grantee = "large-mappings")
    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-20",
            promise =
                    "What stands in does so for a page: larger mappings accept FAULT, and get it; who accepts nothing else but"
                            + " zeros or a copy is given pages, or refused.",
            source = "grant-v3.md, MAP-14")
    void largeMappings(World world) {
        Party grantee = world.grantee();
        RawTree tree = revocable(world);
        long block = world.granter().kernel().allocatePages(Page.ORDER_2M);
        tree.put(2, 512, RawTree.leaf(world.granter().kernel().frameOf(block), V3Entry.W | V3Entry.DEV));
        long slot = grantee.kernel().allocateSlot(Page.ORDER_2M);
        TreeDriver driver = new TreeDriver(grantee);
        Reserves.reserve(grantee, 2);
        V3Call large = driver.mapping(tree.ref(512), 0)
                .and(V3Map.WRITE)
                .with(V3Map.DEST, Page.frame(slot))
                .with(V3Map.COUNT, 512)
                .with(V3Map.ORDER_REQ, Page.ORDER_2M);
        Expect.status(Status.BAD_SIZE, grantee.call(large.and(ZERO)));
        Expect.status(Status.BAD_SIZE, grantee.call(large.and(SNAPSHOT).with(V3Map.ORDER_MIN, Page.ORDER_2M)));
        V3Answer pages = grantee.call(large.and(SNAPSHOT).and(V3Map.ALLOW_SPLIT).with(V3Map.COUNT, 2));
        Expect.okay(pages);
        Expect.equal("order", Page.ORDER_4K, pages.get(V3Map.ORDER_GOT));
        driver.letGo(pages);
        V3Answer whole = grantee.call(large.and(SNAPSHOT | FAULT));
        Expect.okay(whole);
        Expect.equal("order", Page.ORDER_2M, whole.get(V3Map.ORDER_GOT));
        Reserves.expectUnneeded(grantee);
        expectTaken(world, asking(tree, 512, 512, V3Revoke.CPU_SNAPSHOT), 0, 1);
        Sight.nothing(grantee, slot);
        driver.letGo(whole);
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "REVOKE-21",
            promise =
                    "Where a guest overwrote the entry nothing stands in: the entry stays as it is, and the page of the reserve"
                            + " stays in it.",
            source = "grant-v3.md, 8.2, phase 3")
    void overwrittenEntry(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 1);
        RawTree tree = granting(world);
        long before = world.references(PAGE);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        grantee.store(grantee.slot(0), 99);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 0, 1);
        expectPrivate(world, PAGE);
        Expect.equal("references of the page", before, world.references(PAGE));
        Sight.value(grantee, grantee.slot(0), 99);
        world.machine().checkInvariants();
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(0), 99);
        world.step("and where it overwrites what stands in, that is gone from there once");
        tree.grant(INDEX, PAGE, V3Entry.W);
        mapped = driver.hold(tree.ref(INDEX), 1, V3Map.WRITE | SNAPSHOT);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 1, 0);
        Expect.rc(0, grantee.updateEntry(grantee.slot(1), Page.address(grantee.machineFrame(2)) | PRESENT_WRITABLE));
        driver.letGo(mapped);
        Sight.value(grantee, grantee.slot(1), 99);
        Reserves.expectUnneeded(grantee);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-22",
            promise =
                    "The death of either side leaves nothing behind of what stands in; a granter's pages are free though nobody"
                            + " acknowledged.",
            source = "grant-v3.md, 8.2; I8")
    void deaths(World world) {
        Party grantee = world.grantee();
        long[] reserve = Reserves.reserve(grantee, 2);
        long standIn = Reserves.machineFrame(grantee, reserve[1]);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
        driver.hold(tree.ref(INDEX), 1, ZERO);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 2, 0);
        expectPrivate(world, PAGE);
        long frame = world.granter().machineFrame(PAGE);
        world.destroy(world.granter());
        Expect.equal("references of the page", 0, world.machine().frames().references(frame));
        Sight.value(grantee, grantee.slot(0), Sight.word(1, 0));
        world.machine().checkInvariants();
        world.destroy(grantee);
        Expect.equal("references of what stood in", 0, world.machine().frames().references(standIn));
        world.machine().checkInvariants();
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-23",
            promise = "Each of many mappings gets the copy of its own page, however many slices that takes.",
            source = "grant-v3.md, 8.2, phase 3")
    void manySnapshots(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 60);
        RawTree tree = revocable(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer[] mapped = new V3Answer[60];
        for (int n = 0; n < 20; n++) {
            granter.store(granter.page(n), 100 + n);
            tree.grant(n, n, V3Entry.W);
        }
        for (int n = 0; n < mapped.length; n++) {
            mapped[n] = driver.hold(tree.ref(n % 20), n, (n & 1) == 0 ? V3Map.WRITE | SNAPSHOT : SNAPSHOT);
        }
        expectTaken(world, asking(tree, 0, 20, V3Revoke.CPU_SNAPSHOT), mapped.length, 0);
        for (int n = 0; n < 20; n++) {
            granter.store(granter.page(n), 1);
            expectPrivate(world, n);
        }
        for (int n = 0; n < mapped.length; n++) {
            Sight.value(grantee, grantee.slot(n), 100 + n % 20);
        }
        world.machine().checkInvariants();
        expectTaken(world, asking(tree, 0, 20, V3Revoke.CPU_SNAPSHOT), 0, 0);
        for (V3Answer one : mapped) {
            driver.letGo(one);
        }
        Reserves.expectUnneeded(grantee);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-24",
            promise =
                    "A copy is made when nobody writes any more: what the granter's page has of it the copy has too, and no"
                            + " store comes to that page afterwards.",
            source = SOURCE)
    void copyOfAPageThatIsWritten(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 1);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
        long slot = grantee.slot(0);
        long page = granter.page(PAGE);
        for (int word = 0; word < WORDS; word++) {
            granter.store(page + (long) word * Long.BYTES, 0);
        }
        AtomicBoolean taken = new AtomicBoolean();
        long[] last = new long[WORDS];
        Race.run(
                () -> {
                    for (int n = 1; n < STORES && !taken.get(); n++) {
                        long address = slot + (long) (n % WORDS) * Long.BYTES;
                        last[n % WORDS] = grantee.tryStore(address, n) == 0 ? n : last[n % WORDS];
                    }
                },
                () -> {
                    expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 1, 0);
                    taken.set(true);
                });
        expectPrivate(world, PAGE);
        for (int word = 0; word < WORDS; word++) {
            long kept = grantee.load(slot + (long) word * Long.BYTES);
            long arrived = granter.load(page + (long) word * Long.BYTES);
            Expect.holds("the copy has what arrived in word " + word, kept >= arrived);
            Expect.holds("the copy has no more than was stored in word " + word, kept <= last[word]);
        }
        driver.letGo(mapped);
    }

    @Interruptible
    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-50",
            promise =
                    "A store of the grantee at any moment of the revocation is in the page and in its copy, or in the copy alone, or"
                            + " refused, which it is when the copy is made; and whatever the grantee looked at in between, nobody"
                            + " reaches the page afterwards.",
            source = SOURCE + ", SNAPSHOT")
    void storeAtEachMoment(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 1);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        Set<Arrival> came = EnumSet.noneOf(Arrival.class);
        boolean more = true;
        for (int moment = 0; more; moment++) {
            tree.grant(INDEX, PAGE, V3Entry.W);
            V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
            grantee.store(grantee.slot(0), 0);
            more = world.interruption()
                    .before(
                            moment,
                            () -> {
                                grantee.tryStore(grantee.slot(0), 1);
                                grantee.load(grantee.slot(0));
                            },
                            () -> expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 1, 0));
            expectPrivate(world, PAGE);
            if (more) {
                came.add(arrival(world));
            }
            driver.letGo(mapped);
        }
        Expect.holds("stores came before the copy was made", came.contains(Arrival.BOTH));
        Expect.holds("none came when it was made", came.contains(Arrival.REFUSED));
        Expect.holds("stores came to the copy", came.contains(Arrival.COPY));
    }

    /** Where a store is when all is over. */
    private enum Arrival {
        REFUSED,
        COPY,
        BOTH
    }

    private static Arrival arrival(World world) {
        long copy = world.grantee().load(world.grantee().slot(0));
        long page = world.granter().load(world.granter().page(PAGE));
        Expect.holds("what is in the page is in the copy", page <= copy);
        if (copy == 0) {
            return Arrival.REFUSED;
        }
        return page == 0 ? Arrival.COPY : Arrival.BOTH;
    }

    @Needs(iommu = {DeviceSight.CONFINED, DeviceSight.BUS})
    @Clause(
            id = "REVOKE-25",
            promise =
                    "Devices get nothing that stands in: they reach the page no more, and what the CPU has there neither.",
            source = SOURCE + "; I6")
    void notForDevices(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 1);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | SNAPSHOT);
        long address = mapped.get(V3Map.DEV_ADDR);
        grantee.device(0).write(address, 6);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 1, 0);
        expectPrivate(world, PAGE);
        DeviceSight.expectNothing(grantee.device(0), address);
        Sight.value(grantee, grantee.slot(0), 6);
        world.machine().checkInvariants();
        driver.letGo(mapped);
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Lacks(iommu = DeviceSight.BUS)
    @Clause(
            id = "REVOKE-26",
            promise =
                    "Where devices reach what the physical map says, nothing may stand in: a mapping that accepts zeros or a copy"
                            + " is unsupported.",
            source = "grant-v3.md, MAP-1; 8.1")
    void notBesideDevices(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 2);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        for (int refused : new int[] {ZERO, SNAPSHOT, FAULT | ZERO, V3Map.WRITE | FAULT | SNAPSHOT}) {
            Expect.status(Status.UNSUPPORTED, driver.map(tree.ref(INDEX), 0, refused));
        }
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | FAULT);
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_SNAPSHOT), 0, 1);
        expectPrivate(world, PAGE);
        driver.letGo(mapped);
    }

    @DisturbedByDevices(DeviceSight.NO_STAND_INS)
    @Clause(
            id = "REVOKE-27",
            promise = "What became read-only before keeps the page that was promised to it, and is copied as ever.",
            source = SOURCE + "; 8.3")
    void afterADowngrade(World world) {
        Party grantee = world.grantee();
        Reserves.reserve(grantee, 1);
        RawTree tree = granting(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE | V3Map.ACCEPT_DOWNGRADE | ZERO);
        Expect.okay(world.granter().call(DownForms.downgrade(tree, INDEX, 1)));
        expectTaken(world, asking(tree, INDEX, 1, V3Revoke.CPU_ZERO), 1, 0);
        expectPrivate(world, PAGE);
        Sight.readOnly(grantee, grantee.slot(0), 0);
        world.machine().checkInvariants();
        driver.letGo(mapped);
        Reserves.expectUnneeded(grantee);
    }
}
