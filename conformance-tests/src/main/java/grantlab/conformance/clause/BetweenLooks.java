package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Another CPU of the granter comes in before an access of a call to the granter's memory: before each in turn. Each moment has an
 * entry and a page of its own. It asks for nothing but what every kernel does to its table, so it holds for every format that shows its
 * granter what is in use.
 */
@Interruptible
@Needs(format = "in-use-bits")
final class BetweenLooks {
    private static final String PROTOCOL = "xen-semantics.md, 3.3 (status update), 3.12 (withdraw unused)";
    private static final int READ_WRITE = Access.READ | Access.WRITE;

    /** The page that is granted in the place of another; no moment has it for itself. Of the last pages kernels make their tables. */
    private static final int OTHER = 40;

    private static final long OLD = 0x01d;
    private static final long SECRET = 0x5ec2e7;

    /** One call, interrupted. */
    @FunctionalInterface
    private interface Moment {
        /**
         * All that happens.
         *
         * @param n before which access, and whose entry and page
         * @return whether the call has that many
         */
        boolean at(int n);
    }

    private static void atEach(World world, Moment moment) {
        Ledger ledger = Ledger.of(world, world.granter());
        int n = 0;
        while (moment.at(n)) {
            n++;
            Expect.holds("a call for one page has fewer than " + OTHER + " accesses to shared memory", n < OTHER);
        }
        Expect.holds("the call looks at the granter's memory at all", n > 0);
        ledger.check();
    }

    /** What came of a map during which the granter tried to change its entry. */
    private record ChangedMap(boolean came, boolean changed, int status, MappedGrant grant) {
        boolean succeeded() {
            return status == Status.OKAY;
        }
    }

    /** A map that writes, before an access of which the granter changes its entry, if it can. */
    private static ChangedMap mapChanged(World world, Driver driver, int n, long ref, BooleanSupplier change) {
        MappedGrant grant = new MappedGrant();
        AtomicInteger status = new AtomicInteger();
        AtomicBoolean changed = new AtomicBoolean();
        boolean came = world.interruption()
                .before(
                        n,
                        () -> changed.set(change.getAsBoolean()),
                        () -> status.set(driver.tryMap(ref, 0, READ_WRITE, grant)));
        return new ChangedMap(came, changed.get(), status.get(), grant);
    }

    private static long index(int n) {
        return (long) World.FIRST_INDEX + n;
    }

    @Clause(
            id = "RACE-13",
            promise =
                    "A grant that is withdrawn between any two looks of a map is refused, or the withdrawal is: never do both"
                            + " succeed, and a refused map leaves no mark.",
            source = PROTOCOL)
    void withdrawn(World world) {
        Driver driver = new Driver(world.grantee());
        GuestTable table = world.table();
        atEach(world, n -> {
            world.step("the granter withdraws before access " + n + " of a map");
            long ref = world.grant(n, READ_WRITE);
            ChangedMap map = mapChanged(world, driver, n, ref, () -> table.end(index(n)));
            Expect.holdsNot("withdrawn and mapped all the same", map.changed() && map.succeeded());
            Expect.holds("mapped, or withdrawn before", map.changed() || map.succeeded());
            if (map.succeeded()) {
                driver.unmap(map.grant());
            }
            Expect.holdsNot("in use when all is over", table.inUse(index(n)));
            Expect.holds("withdrawn in the end", map.changed() || table.end(index(n)));
            return map.came();
        });
    }

    @Clause(
            id = "RACE-14",
            promise =
                    "A grant that becomes read-only between any two looks of a map that writes is refused to it, or stays as it"
                            + " was: never do both succeed.",
            source = PROTOCOL)
    void narrowed(World world) {
        Driver driver = new Driver(world.grantee());
        GuestTable table = world.table();
        atEach(world, n -> {
            world.step("the granter narrows before access " + n + " of a map that writes");
            long ref = world.grant(n, READ_WRITE);
            ChangedMap map = mapChanged(world, driver, n, ref, () -> table.narrow(index(n)));
            Expect.holdsNot("read-only and mapped writable", map.changed() && map.succeeded());
            if (map.succeeded()) {
                driver.unmap(map.grant());
            }
            driver.unmap(driver.map(ref, 0, Access.READ));
            Expect.holds("withdrawn in the end", table.end(index(n)));
            return map.came();
        });
    }

    @Clause(
            id = "RACE-15",
            promise =
                    "An entry that is withdrawn and granted anew, with another page, between any two looks of a map leads to the"
                            + " page that it names now or nowhere.",
            source = "xen-semantics.md, 3.3 (the frame is read after the mark), 8.1 (read once)")
    void grantedAnew(World world) {
        Party grantee = world.grantee();
        Party granter = world.granter();
        Driver driver = new Driver(grantee);
        GuestTable table = world.table();
        atEach(world, n -> {
            world.step("the granter grants another page before access " + n + " of a map");
            granter.store(granter.page(n), OLD);
            granter.store(granter.page(OTHER), OLD);
            long ref = world.grant(n, READ_WRITE);
            ChangedMap map = mapChanged(
                    world,
                    driver,
                    n,
                    ref,
                    () -> table.end(index(n)) && granted(table, index(n), granter.pageFrame(OTHER), READ_WRITE));
            Expect.holds("mapped, or changed before", map.changed() || map.succeeded());
            if (map.succeeded()) {
                grantee.store(grantee.slot(0), SECRET);
                int named = map.changed() ? OTHER : n;
                int other = map.changed() ? n : OTHER;
                Expect.equal("in the page that is granted", SECRET, granter.load(granter.page(named)));
                Expect.equal("in the other page", OLD, granter.load(granter.page(other)));
                driver.unmap(map.grant());
            }
            Expect.holds("withdrawn in the end", table.end(index(n)));
            return map.came();
        });
    }

    private static boolean granted(GuestTable table, long index, long frame, int access) {
        table.grant(index, World.GRANTEE, frame, Page.ORDER_4K, access);
        return true;
    }

    @Clause(
            id = "RACE-16",
            promise =
                    "At no moment of an unmap at which the granter sees its entry unused does a store of the grantee's other CPU"
                            + " still arrive.",
            source = "xen-semantics.md, 3.11 (cleared after its mapping, its TLB entries and its pin are gone), 11.1"
                    + " number 2")
    void unusedMeansUnreachable(World world) {
        Party grantee = Traffic.twoCpus(world);
        Party granter = world.granter();
        Vcpu writer = Rebuilt.secondCpu(world, grantee);
        Driver driver = new Driver(grantee);
        GuestTable table = world.table();
        atEach(world, n -> {
            world.step("the granter looks before access " + n + " of an unmap, and the other CPU stores");
            long ref = world.grant(n, READ_WRITE);
            MappedGrant mapped = driver.map(ref, 0, READ_WRITE);
            writer.store(grantee.slot(0), Long.BYTES, OLD);
            AtomicBoolean unused = new AtomicBoolean();
            boolean came = world.interruption()
                    .before(
                            n,
                            () -> {
                                unused.set(!table.inUse(index(n)));
                                writer.store(grantee.slot(0), Long.BYTES, SECRET);
                            },
                            () -> driver.unmap(mapped));
            Expect.holdsNot("unused, and a store arrives", unused.get() && granter.load(granter.page(n)) == SECRET);
            Expect.holds("withdrawn in the end", table.end(index(n)));
            return came;
        });
    }

    @Clause(
            id = "RACE-17",
            promise =
                    "Once a withdrawal has succeeded, at whatever moment of a copy, nothing of what the granter writes then is"
                            + " copied out, and nothing is copied in.",
            source = "xen-semantics.md, 3.3, 3.12; 8.1 row 15 (XSA-230)")
    void withdrawnFromACopy(World world) {
        Party grantee = world.grantee();
        Party granter = world.granter();
        Driver driver = new Driver(grantee);
        GuestTable table = world.table();
        world.step("copies out");
        atEach(world, n -> {
            long ref = world.grant(n, Access.READ);
            granter.store(granter.page(n), OLD);
            boolean came = world.interruption()
                    .before(
                            n,
                            () -> {
                                if (table.end(index(n))) {
                                    granter.store(granter.page(n), SECRET);
                                }
                            },
                            () -> driver.copyOut(ref, 1));
            Expect.different("what was copied", SECRET, grantee.load(grantee.page(1)));
            Expect.holdsNot("in use when all is over", table.inUse(index(n)));
            table.end(index(n));
            return came;
        });
        world.step("copies in");
        grantee.store(grantee.page(1), OLD);
        atEach(world, n -> {
            long ref = world.grant(n, READ_WRITE);
            AtomicBoolean ended = new AtomicBoolean();
            boolean came = world.interruption()
                    .before(
                            n,
                            () -> {
                                ended.set(table.end(index(n)));
                                if (ended.get()) {
                                    granter.store(granter.page(n), SECRET);
                                }
                            },
                            () -> driver.copyIn(ref, 1));
            long expected = ended.get() ? SECRET : OLD;
            Expect.equal("in the granter's page", expected, granter.load(granter.page(n)));
            Expect.holdsNot("in use when all is over", table.inUse(index(n)));
            table.end(index(n));
            return came;
        });
    }

    @Clause(
            id = "RACE-18",
            promise =
                    "A granter that changes its entry before every look holds nobody up: the map is over after a bounded number of"
                            + " looks, mapped or refused, and what is refused leaves no mark.",
            source = "xen-semantics.md, 3.3 (five attempts); 8.1 row 24 (XSA-295)")
    void neverAtRest(World world) {
        Driver driver = new Driver(world.grantee());
        GuestTable table = world.table();
        Ledger ledger = Ledger.of(world, world.granter());
        for (int access : new int[] {Access.READ, READ_WRITE}) {
            long ref = world.grant(0, READ_WRITE);
            MappedGrant mapped = new MappedGrant();
            int[] status = new int[1];
            int[] turns = new int[1];
            world.interruption()
                    .throughout(
                            () -> {
                                if (table.end(index(0))) {
                                    int next = turns[0]++ % 2 == 0 ? Access.READ : READ_WRITE;
                                    granted(table, index(0), world.granter().pageFrame(0), next);
                                }
                            },
                            () -> status[0] = driver.tryMap(ref, 0, access, mapped));
            Expect.holds("it changed at all", turns[0] > 0);
            if (status[0] == Status.OKAY) {
                Expect.holds("seen as in use", table.inUse(index(0)));
                driver.unmap(mapped);
            }
            Expect.holdsNot("in use when all is over", table.inUse(index(0)));
            Expect.holds("withdrawn in the end", table.end(index(0)));
        }
        ledger.check();
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "RACE-19",
            promise =
                    "A bit beside the marks that the granter sets between any two looks of a map or an unmap stays set.",
            source = "xen-semantics.md, 3.3 (compare-and-swap), 3.5 (an atomic AND)")
    void bitsBeside(World world) {
        Driver driver = new Driver(world.grantee());
        GuestTable table = world.table();
        atEach(world, n -> {
            world.step("the granter sets a bit before access " + n + " of a map, and another of the unmap");
            long ref = world.grant(n, READ_WRITE);
            TableEntry entry = world.granter().entry(ref);
            MappedGrant mapped = new MappedGrant();
            int[] status = new int[1];
            boolean mapping = world.interruption()
                    .before(
                            n,
                            () -> setBeside(world, entry, Gtf.PCD),
                            () -> status[0] = driver.tryMap(ref, 0, READ_WRITE, mapped));
            Expect.status("status of the mapping", Status.OKAY, status[0]);
            boolean unmapping =
                    world.interruption().before(n, () -> setBeside(world, entry, Gtf.PWT), () -> driver.unmap(mapped));
            int bits = world.machine().memory().load16(entry.marksAddress());
            Expect.bits("what was set", Gtf.PCD | Gtf.PWT, (mapping ? Gtf.PCD : 0) | (unmapping ? Gtf.PWT : 0), bits);
            Expect.holdsNot("in use when all is over", table.inUse(index(n)));
            Expect.holds("withdrawn in the end", table.end(index(n)));
            return mapping || unmapping;
        });
    }

    @Clause(
            id = "RACE-20",
            promise =
                    "A grantee that maps between any two looks of a withdrawal, or of a change to read-only, is refused, or the change"
                            + " is: never do both succeed.",
            source = PROTOCOL)
    void mappedMeanwhile(World world) {
        GuestTable table = world.table();
        world.step("withdrawals");
        atEach(world, n -> mappedDuring(world, n, () -> table.end(index(n))));
        world.step("changes to read-only");
        atEach(world, n -> mappedDuring(world, n, () -> table.narrow(index(n))));
    }

    /** Who is interrupted is a kernel that holds no lock of the hypervisor: whoever comes in may make a hypercall. */
    private static boolean mappedDuring(World world, int n, BooleanSupplier change) {
        Driver driver = new Driver(world.grantee());
        GuestTable table = world.table();
        long ref = world.grant(n, READ_WRITE);
        MappedGrant grant = new MappedGrant();
        AtomicBoolean mapped = new AtomicBoolean();
        AtomicBoolean changed = new AtomicBoolean();
        boolean came = world.interruption()
                .before(
                        n,
                        () -> mapped.set(driver.tryMap(ref, 0, READ_WRITE, grant) == Status.OKAY),
                        () -> changed.set(change.getAsBoolean()));
        Expect.equal("changed, before a map before access " + n, !mapped.get(), changed.get());
        if (mapped.get()) {
            Expect.holds("seen as in use", table.inUse(index(n)));
            driver.unmap(grant);
            driver.unmap(driver.map(ref, 0, READ_WRITE));
        }
        table.end(index(n));
        return came;
    }

    private static void setBeside(World world, TableEntry entry, int bit) {
        long marks = entry.marksAddress();
        int shift = (int) (marks % Integer.BYTES) * Byte.SIZE;
        world.machine().memory().getAndBitwiseOr32(marks & -Integer.BYTES, bit << shift);
    }
}
