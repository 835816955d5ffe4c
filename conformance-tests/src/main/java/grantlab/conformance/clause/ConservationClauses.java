package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answered;
import grantlab.conformance.call.Call;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.SwapCall;
import grantlab.conformance.call.UnmapCall;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Whatever was done, in whatever order: nothing is lost, and nothing is left over. */
public final class ConservationClauses implements ClauseFamily {
    private static final String INVARIANTS = "xen-semantics.md, 11.1";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int PAGES = 6;
    private static final int SLOTS = 12;
    private static final int STEPS = 400;

    /** For ServiceLoader. */
    public ConservationClauses() {}

    @Override
    public String prefix() {
        return "CONS";
    }

    @Override
    public String title() {
        return "Nothing lost, nothing left over";
    }

    @Clause(
            id = "CONS-01",
            promise = "Maps, unmaps, copies, stores and withdrawals in random order show everywhere the same contents,"
                    + " and when all is undone the books are as before.",
            source = INVARIANTS)
    void randomUse(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RandomGenerator random = world.random();
        Driver driver = new Driver(grantee);
        long[] refs = grantAll(world);
        Ledger ledger = Ledger.of(world, granter, grantee);
        long[] contents = new long[PAGES];
        int[] shown = new int[SLOTS];
        @Nullable MappedGrant[] mapped = new MappedGrant[SLOTS];
        for (int step = 1; step <= STEPS; step++) {
            int page = random.nextInt(PAGES);
            int slot = random.nextInt(SLOTS);
            MappedGrant there = mapped[slot];
            switch (random.nextInt(6)) {
                case 0 -> {
                    granter.store(granter.page(page), step);
                    contents[page] = step;
                }
                case 1 -> {
                    grantee.store(grantee.page(page), step);
                    Expect.equal("status of the copy", 0, driver.copyIn(refs[page], page));
                    contents[page] = step;
                }
                case 2 -> {
                    Expect.equal("status of the copy", 0, driver.copyOut(refs[page], page));
                    Expect.equal("what was copied", contents[page], grantee.load(grantee.page(page)));
                }
                case 3 -> {
                    boolean free = Arrays.stream(mapped, 0, SLOTS)
                            .noneMatch(other -> other != null && shown[slotOf(grantee, other)] == page);
                    Expect.equal("the entry could be ended", free, world.table().end((long) World.FIRST_INDEX + page));
                    if (free) {
                        grant(world, page, READ_WRITE);
                    }
                }
                default -> {
                    if (there == null) {
                        shown[slot] = page;
                        mapped[slot] = driver.map(refs[page], slot, READ_WRITE);
                    } else {
                        Expect.equal("through m" + slot, contents[shown[slot]], grantee.load(grantee.slot(slot)));
                        grantee.store(grantee.slot(slot), step);
                        contents[shown[slot]] = step;
                        if (random.nextBoolean()) {
                            driver.unmap(there);
                            mapped[slot] = null;
                        }
                    }
                }
            }
        }
        world.step("everything is undone");
        for (MappedGrant left : mapped) {
            if (left != null) {
                driver.unmap(left);
            }
        }
        ledger.check();
        for (int page = 0; page < PAGES; page++) {
            Expect.equal("contents of p" + page, contents[page], granter.load(granter.page(page)));
            Expect.holds("the entry can be ended", world.table().end((long) World.FIRST_INDEX + page));
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "CONS-02",
            promise = "No argument that a guest can think of changes what others have, gives a status that is none, or"
                    + " breaks an invariant.",
            source = INVARIANTS)
    void hostileArguments(World world) {
        Party grantee = world.grantee();
        RandomGenerator random = world.random();
        long[] refs = grantAll(world);
        Party third = world.third();
        third.store(third.page(0), 42);
        Ledger others = Ledger.of(world, third);
        Hostile hostile =
                new Hostile(random, grantee, Arrays.stream(refs).boxed().toList());
        for (int step = 1; step <= STEPS && grantee.vcpu().running(); step++) {
            Answered answer = grantee.call(hostile.next());
            Expect.holds(
                    "a result that exists: " + answer,
                    answer.rc() == 0 || answer.rc() == Vcpu.CRASHED || answer.rc() == -38);
            Expect.holds(
                    "a status that exists: " + answer,
                    answer.rc() == -38 || (answer.status() <= 0 && answer.status() >= Status.NO_SPACE));
            if (step % 100 == 0) {
                world.machine().checkInvariants();
            }
        }
        others.check();
        Expect.equal("the third party's page", 42L, third.load(third.page(0)));
        world.step("the guest dies");
        world.destroy(grantee);
        for (int page = 0; page < PAGES; page++) {
            Expect.holds("the entry can be ended", world.table().end((long) World.FIRST_INDEX + page));
        }
    }

    @Needs(format = "flat-home")
    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "CONS-03",
            promise = "A call that fails changes no reference, no type, no count and no entry.",
            source = "xen-semantics.md, 11.1 number 5")
    void failuresChangeNothing(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long good = world.grant(0, READ_WRITE);
        long readOnly = world.grant(1, Access.READ);
        long hole = ungranted(world, 2);
        MapCall map = MapCall.of(World.GRANTER, good).at(grantee.slot(0));
        CopyCall.End own = CopyCall.own(grantee.pageFrame(1), 0);
        CopyCall.End grant = CopyCall.of(World.GRANTER, good, 0);
        CopyCall.End narrow = CopyCall.of(World.GRANTER, readOnly, 0);
        CopyCall.End empty = CopyCall.of(World.GRANTER, hole, 0);
        CopyCall.End nowhere = CopyCall.own(0x7fff_ffff, 0);
        List<Call<? extends Answered>> calls = List.of(
                map.flags(0),
                map.at(1L << 50),
                MapCall.of(99, good).at(grantee.slot(0)),
                MapCall.of(World.GRANTER, readOnly).at(grantee.slot(0)),
                MapCall.of(World.GRANTER, readOnly).at(1L << 50).readonly(),
                MapCall.of(World.GRANTER, hole).at(grantee.slot(0)),
                MapCall.of(World.GRANTER, 9999).at(grantee.slot(0)),
                UnmapCall.of(0).at(grantee.slot(0)),
                UnmapCall.of(-1).at(grantee.slot(0)),
                CopyCall.from(empty, own, 8),
                CopyCall.from(grant, nowhere, 8),
                CopyCall.to(nowhere, grant, 8),
                CopyCall.to(own, narrow, 8),
                CopyCall.to(own, empty, 8),
                CopyCall.from(grant, own, 4097),
                CopyCall.to(own, grant, 4097),
                new CopyCall(grant, narrow, 8, 3),
                new CopyCall(grant, empty, 8, 3),
                new CopyCall(narrow, grant, 8, 0));
        Ledger ledger = Ledger.of(world, granter, grantee);
        for (Call<? extends Answered> call : calls) {
            Answered answer = grantee.call(call);
            Expect.different("status of " + call, Status.OKAY, answer.status());
            ledger.check();
        }
        Expect.okay(grantee.call(map.at(grantee.slot(0))));
        Expect.equal("references", ledger.references(granter, 0) + 1, world.references(0));
    }

    @Clause(
            id = "CONS-04",
            promise = "Pages that the granter gives back at random, mapped or not, are free when nobody maps them, and"
                    + " counted until then.",
            source = "xen-semantics.md, 3.6, 3.7; 12.18")
    void randomMemory(World world) {
        Party granter = world.granter();
        FrameTable frames = world.machine().frames();
        RandomGenerator random = world.random();
        Driver driver = new Driver(world.grantee());
        long pages = frames.pages(World.GRANTER);
        List<MappedGrant> mapped = new ArrayList<>();
        List<Long> given = new ArrayList<>();
        for (int page = 0; page < 20; page++) {
            long frame = granter.machineFrame(page);
            long ref = world.grant(page, READ_WRITE);
            for (int n = random.nextInt(3); n > 0; n--) {
                mapped.add(driver.map(ref, mapped.size(), random.nextBoolean() ? READ_WRITE : Access.READ));
            }
            if (random.nextBoolean()) {
                if (!granter.translated()) {
                    Expect.rc(0, granter.updateEntry(granter.page(page), 0));
                }
                Expect.rc(
                        1,
                        granter.call(ReservationCall.decrease(granter.pageFrame(page)))
                                .rc());
                given.add(frame);
            }
        }
        long held = given.stream().filter(frame -> frames.references(frame) > 0).count();
        Expect.equal("pages", pages - given.size() + held, frames.pages(World.GRANTER));
        mapped.forEach(driver::unmap);
        Expect.equal("pages", pages - given.size(), frames.pages(World.GRANTER));
        for (long frame : given) {
            Expect.equal("owner", FrameTable.NO_OWNER, frames.owner(frame));
        }
    }

    @BothTables
    @Clause(
            id = "CONS-05",
            promise = "Domains that grant to each other in a circle may die in any order: when all have died none is"
                    + " left.",
            source = "xen-semantics.md, 5")
    void circle(World world) {
        List<Party> circle = new ArrayList<>(List.of(world.granter(), world.grantee(), world.third()));
        for (int n = 0; n < circle.size(); n++) {
            Party granter = circle.get(n);
            Party grantee = circle.get((n + 1) % circle.size());
            GrantFormat format = granter.domid() == World.GRANTER ? world.format() : world.granteeFormat();
            GuestTable table = format.bringUp(granter.kernel(), grantee.domid(), -1);
            for (int page = 0; page < PAGES; page++) {
                long index = (long) World.FIRST_INDEX + page;
                table.grant(index, grantee.domid(), granter.pageFrame(page), Page.ORDER_4K, READ_WRITE);
                long slot = grantee.slot(20 + page);
                MappedGrant mapped = new MappedGrant();
                int status = grantee.kernel()
                        .map(granter.domid(), table.reference(index), slot, Page.ORDER_4K, READ_WRITE, mapped);
                Expect.equal("status of the map", 0, status);
            }
        }
        RandomGenerator random = world.random();
        while (!circle.isEmpty()) {
            world.destroy(circle.remove(random.nextInt(circle.size())));
            world.machine().checkInvariants();
        }
        Expect.holds("all are gone", world.machine().domains().isEmpty());
    }

    /** Calls with arguments that are sometimes right. */
    private record Hostile(RandomGenerator random, Party party, List<Long> refs) {
        Call<? extends Answered> next() {
            return switch (random.nextInt(6)) {
                case 0, 1 -> new MapCall(domid(), ref(), address(), random.nextInt(4) == 0 ? random.nextInt() : 2);
                case 2, 3 -> new UnmapCall(random.nextInt(20) - 2, address(), random.nextInt(3) == 0 ? address() : 0);
                case 4 -> new CopyCall(end(), end(), random.nextInt(5000), random.nextInt(4));
                default -> new SwapCall(ref(), ref());
            };
        }

        private CopyCall.End end() {
            long number = random.nextBoolean() ? ref() : party.pageFrame(random.nextInt(8));
            return CopyCall.of(random.nextBoolean() ? Domid.SELF : domid(), number, random.nextInt(5000));
        }

        private int domid() {
            int[] some = {World.GRANTER, World.GRANTER, World.GRANTEE, World.THIRD, Domid.SELF, Domid.XEN, 99};
            return some[random.nextInt(some.length)];
        }

        private long ref() {
            return random.nextInt(4) == 0 ? random.nextInt(600) : refs.get(random.nextInt(refs.size()));
        }

        /** Never a page that holds the guest's own arguments. */
        private long address() {
            return switch (random.nextInt(6)) {
                case 0 -> random.nextLong() | 1L << 62;
                case 1 -> party.page(8 + random.nextInt(8)) + random.nextInt(4096);
                case 2 -> 0;
                default -> party.slot(random.nextInt(SLOTS)) + random.nextInt(4096);
            };
        }
    }

    private static long[] grantAll(World world) {
        long[] refs = new long[PAGES];
        for (int page = 0; page < PAGES; page++) {
            refs[page] = grant(world, page, READ_WRITE);
        }
        return refs;
    }

    private static long grant(World world, int page, int access) {
        return world.grant(page, access);
    }

    private static long ungranted(World world, int page) {
        return world.table().reference((long) World.FIRST_INDEX + page);
    }

    private static int slotOf(Party grantee, MappedGrant mapped) {
        return (int) Page.frame(mapped.address - grantee.slot(0));
    }
}
