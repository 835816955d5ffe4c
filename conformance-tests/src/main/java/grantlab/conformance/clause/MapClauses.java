package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.UnmapCall;

/** What a mapping is, whatever the format, and what asks for one. The request's bytes are the family REQ. */
public final class MapClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long REPLY = 0x7265_706c_7921_2121L;

    /** For ServiceLoader. */
    public MapClauses() {}

    @Override
    public String prefix() {
        return "MAP";
    }

    @Override
    public String title() {
        return "Mapping a grant";
    }

    @Clause(
            id = "MAP-01",
            promise = "A writable mapping is the granter's page: what either side stores, the other side loads.",
            source = "xen-semantics.md, 2.1")
    void samePage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = greet(world, READ_WRITE);

        world.step("the grantee maps it at m0 and reads");
        MappedGrant mapping = Backend.of(world).map(ref, 0);
        Sight.value(grantee, grantee.slot(0), GREETING);

        world.step("the grantee answers through the mapping");
        grantee.store(grantee.slot(0), REPLY);
        Sight.value(granter, granter.page(0), REPLY);

        world.step("the grantee unmaps and the granter ends the grant");
        Backend.of(world).unmap(mapping);
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home", grantee = "names-entries")
    @Clause(
            id = "MAP-02",
            promise = "With GNTMAP_contains_pte the address names the page-table entry that becomes the mapping.",
            source = "xen-semantics.md, 7.2; xen/include/public/grant_table.h, GNTMAP_contains_pte")
    void throughEntry(World world) {
        Party grantee = world.grantee();
        long ref = greet(world, READ_WRITE);

        world.step("the grantee maps by the machine address of the entry of m0");
        long entry = grantee.domain().addressSpace().entryAddress(grantee.slot(0));
        int flags = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
        Mapped mapped = grantee.call(MapCall.of(World.GRANTER, ref).at(entry).flags(flags));
        Expect.okay(mapped);
        Sight.value(grantee, grantee.slot(0), GREETING);

        world.step("the grantee unmaps by the same address");
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(entry)));
        Sight.nothing(grantee, grantee.slot(0));
    }

    @Needs(format = "flat-home")
    @Lacks(grantee = "names-entries")
    @Clause(
            id = "MAP-03",
            promise = "Where mappings are no page-table entries, GNTMAP_contains_pte is refused.",
            source = "xen-semantics.md, 2.1 row 2")
    void entryRefused(World world) {
        Party grantee = world.grantee();
        world.step("the granter grants p0");
        long ref = world.grant(0, READ_WRITE);

        world.step("the grantee asks for contains_pte");
        int flags = Gntmap.HOST_MAP | Gntmap.CONTAINS_PTE;
        Expect.status(
                Status.GENERAL_ERROR,
                grantee.call(MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(flags)));
    }

    @Clause(
            id = "MAP-04",
            promise = "A read-only mapping shows the page and its changes, and lets no store through.",
            source = "xen-semantics.md, 2.1, 6.1, 7.1; xen-semantics.md, 12.16")
    void readOnlyMapping(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = greet(world, READ_WRITE);

        world.step("the grantee maps it read-only, though it may write");
        Backend.of(world).map(ref, 0, Access.READ);
        Sight.readOnly(grantee, grantee.slot(0), GREETING);

        world.step("the granter changes the page");
        granter.store(granter.page(0), REPLY);
        Sight.readOnly(grantee, grantee.slot(0), REPLY);
        Sight.value(granter, granter.page(0), REPLY);
    }

    @Clause(
            id = "MAP-05",
            promise = "An entry that was ended gives no mapping, and neither does one that was never granted.",
            source = "xen-semantics.md, 3.3 step 2, 3.12")
    void endedEntry(World world) {
        long ref = greet(world, READ_WRITE);
        long references = world.references(0);
        world.step("the granter ends the grant");
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));

        world.step("the grantee tries to map it, writable and read-only, and its neighbour");
        Backend driver = Backend.of(world);
        driver.cannotMap(Status.GENERAL_ERROR, ref, 0, READ_WRITE);
        driver.cannotMap(Status.GENERAL_ERROR, ref, 0, Access.READ);
        driver.cannotMap(Status.GENERAL_ERROR, world.table().reference(World.FIRST_INDEX + 1L), 0, Access.READ);
        Expect.equal("references on p0", references, world.references(0));
    }

    @Clause(
            id = "MAP-06",
            promise = "Nobody but the named grantee can map, and an attempt changes nothing.",
            source = "xen-semantics.md, 3.3 step 2; XSA-316")
    void strangerRefused(World world) {
        Party grantee = world.grantee();
        long ref = greet(world, READ_WRITE);
        long references = world.references(0);

        world.step("a third domain tries");
        Backend stranger = Backend.in(world, world.third());
        stranger.cannotMap(Status.GENERAL_ERROR, ref, 0, READ_WRITE);
        stranger.cannotMap(Status.GENERAL_ERROR, ref, 0, Access.READ);
        Expect.equal("references on p0", references, world.references(0));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("the grantee maps it");
        Backend.of(world).map(ref, 0);
        Sight.value(grantee, grantee.slot(0), GREETING);
    }

    @Clause(
            id = "MAP-07",
            promise = "A read-only grant cannot be mapped writable, and an attempt changes nothing.",
            source = "xen-semantics.md, 3.3 step 3")
    void readOnlyGrant(World world) {
        Party grantee = world.grantee();
        long ref = greet(world, Access.READ);
        long references = world.references(0);

        world.step("the grantee tries to map it writable");
        Backend driver = Backend.of(world);
        driver.cannotMap(Status.GENERAL_ERROR, ref, 0, READ_WRITE);
        Expect.equal("references on p0", references, world.references(0));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("the grantee maps it read-only, then tries again");
        driver.map(ref, 0, Access.READ);
        driver.cannotMap(Status.GENERAL_ERROR, ref, 1, READ_WRITE);
        Sight.readOnly(grantee, grantee.slot(0), GREETING);
    }

    @Needs(format = "in-use-bits")
    @Clause(
            id = "MAP-08",
            promise = "The granter sees that an entry is mapped, and cannot end it until it is unmapped.",
            source = "xen-semantics.md, 3.12; xen/include/public/grant_table.h, \"Invalidating an in-use entry\"")
    void inUseWhileMapped(World world) {
        for (int access : new int[] {Access.READ, READ_WRITE}) {
            long ref = greet(world, READ_WRITE);
            Expect.holdsNot(
                    "the entry is in use before it is mapped", world.table().inUse(World.FIRST_INDEX));

            world.step("the grantee maps it " + (Access.writes(access) ? "writable" : "read-only"));
            MappedGrant mapping = Backend.of(world).map(ref, 0, access);
            Expect.holds("the entry is in use while it is mapped", world.table().inUse(World.FIRST_INDEX));
            Expect.holdsNot(
                    "the entry can be ended while it is mapped", world.table().end(World.FIRST_INDEX));

            world.step("the grantee unmaps it");
            Backend.of(world).unmap(mapping);
            Expect.holdsNot(
                    "the entry is in use after it was unmapped", world.table().inUse(World.FIRST_INDEX));
            Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        }
    }

    @Clause(
            id = "MAP-09",
            promise = "One reference can be mapped many times over, and each mapping lives on its own.",
            source = "xen-semantics.md, 2.1, 3.2")
    void severalMappings(World world) {
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = greet(world, READ_WRITE);

        world.step("the grantee maps it at m0, m1 and, read-only, m2");
        MappedGrant first = driver.map(ref, 0);
        MappedGrant second = driver.map(ref, 1);
        MappedGrant third = driver.map(ref, 2, Access.READ);
        grantee.store(grantee.slot(0), REPLY);
        Sight.value(grantee, grantee.slot(1), REPLY);
        Sight.readOnly(grantee, grantee.slot(2), REPLY);

        world.step("the grantee unmaps the first");
        driver.unmap(first);
        Sight.nothing(grantee, grantee.slot(0));
        grantee.store(grantee.slot(1), GREETING);
        Sight.readOnly(grantee, grantee.slot(2), GREETING);

        world.step("the grantee unmaps the rest");
        driver.unmap(third);
        Sight.value(grantee, grantee.slot(1), GREETING);
        driver.unmap(second);
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MAP-10",
            promise =
                    "Each mapping holds one reference on the granter's page, whatever its right, until it is unmapped.",
            source = "xen-semantics.md, 3.7, 11.1 rule 3")
    void oneReferenceEach(World world) {
        Backend driver = Backend.of(world);
        long ref = greet(world, READ_WRITE);
        long before = world.references(0);

        world.step("the grantee maps it three times");
        MappedGrant reader = driver.map(ref, 0, Access.READ);
        Expect.equal("references on p0 with one mapping", before + 1, world.references(0));
        MappedGrant writer = driver.map(ref, 1);
        MappedGrant other = driver.map(ref, 2);
        Expect.equal("references on p0 with three mappings", before + 3, world.references(0));

        world.step("the grantee unmaps, the writers first");
        driver.unmap(writer);
        driver.unmap(other);
        Expect.equal("references on p0 with the read-only mapping", before + 1, world.references(0));
        driver.unmap(reader);
        Expect.equal("references on p0 without mappings", before, world.references(0));
    }

    @Clause(
            id = "MAP-11",
            promise = "A mapping shows exactly the granted page: each word where it is, and nothing of its neighbours.",
            source = "xen-semantics.md, 2.1")
    void wholePage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        world.step("the granter fills p0, p1 and p2 and grants p1");
        for (int n = 0; n < 3; n++) {
            Sight.fill(granter, granter.page(n), n);
        }
        long ref = world.grant(1, READ_WRITE);

        world.step("the grantee maps it at m1");
        Backend.of(world).map(ref, 1);
        Sight.filled(grantee, grantee.slot(1), 1);
        Sight.nothing(grantee, grantee.slot(0));
        Sight.nothing(grantee, grantee.slot(2));

        world.step("the grantee fills the mapping");
        Sight.fill(grantee, grantee.slot(1), 7);
        Sight.filled(granter, granter.page(0), 0);
        Sight.filled(granter, granter.page(1), 7);
        Sight.filled(granter, granter.page(2), 2);
    }

    @Clause(
            id = "MAP-12",
            promise = "A grant can be narrowed to read-only while nobody writes; from then on nobody can map it"
                    + " writable.",
            source = "xen-semantics.md, 3.12")
    void narrowed(World world) {
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = greet(world, READ_WRITE);
        world.step("the grantee maps it read-only and the granter narrows it");
        MappedGrant reader = driver.map(ref, 0, Access.READ);
        Expect.holds(
                "the grant can be narrowed while it is only read", world.table().narrow(World.FIRST_INDEX));

        world.step("the grantee tries to map it writable, while it is mapped and afterwards");
        driver.cannotMap(Status.GENERAL_ERROR, ref, 1, READ_WRITE);
        Sight.readOnly(grantee, grantee.slot(0), GREETING);
        driver.unmap(reader);
        driver.cannotMap(Status.GENERAL_ERROR, ref, 1, READ_WRITE);

        world.step("reading is still allowed");
        driver.map(ref, 1, Access.READ);
        Sight.readOnly(grantee, grantee.slot(1), GREETING);
    }

    @Needs(format = "in-use-bits")
    @Clause(
            id = "MAP-13",
            promise =
                    "A grant that somebody has mapped writable cannot be narrowed until the last writer has unmapped.",
            source = "xen-semantics.md, 3.5, 3.12")
    void notNarrowedWhileWritten(World world) {
        Backend driver = Backend.of(world);
        long ref = greet(world, READ_WRITE);
        world.step("the grantee maps it writable twice, and read-only");
        MappedGrant first = driver.map(ref, 0);
        MappedGrant second = driver.map(ref, 1);
        driver.map(ref, 2, Access.READ);
        Expect.holdsNot("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));

        world.step("one writer unmaps, then the other");
        driver.unmap(first);
        Expect.holdsNot(
                "the grant can be narrowed with one writer left", world.table().narrow(World.FIRST_INDEX));
        driver.unmap(second);
        Expect.holds("the grant can be narrowed without a writer", world.table().narrow(World.FIRST_INDEX));
        Expect.holdsNot(
                "the entry can be ended with a reader left", world.table().end(World.FIRST_INDEX));
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "MAP-14",
            promise = "A mapping keeps the page that it began with, though the granter gives it away and gets another.",
            source = "xen-semantics.md, 3.6; xen-semantics.md, 12.18")
    void oldPageKept(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = greet(world, READ_WRITE);
        world.step("the grantee maps it");
        MappedGrant mapping = Backend.of(world).map(ref, 0);
        long frame = granter.machineFrame(0);

        world.step("the granter gives p0 back to the hypervisor");
        if (!granter.translated()) {
            Expect.rc(0, granter.updateEntry(granter.page(0), 0));
        }
        Expect.rc(
                1, granter.call(ReservationCall.decrease(granter.pageFrame(0))).rc());
        Expect.equal(
                "references on the page: the mapping's",
                1,
                world.machine().frames().references(frame));
        Sight.nothing(granter, granter.page(0));

        world.step("the granter takes a new page in its place and writes to it, if it can");
        Expect.rc(
                1, granter.call(ReservationCall.populate(granter.pageFrame(0))).rc());
        if (granter.translated()) {
            granter.store(granter.page(0), REPLY);
            Expect.different("frame behind p0", frame, granter.machineFrame(0));
        }
        Sight.value(grantee, grantee.slot(0), GREETING);
        grantee.store(grantee.slot(0), REPLY);

        world.step("the grantee unmaps: the page is free");
        Backend.of(world).unmap(mapping);
        Expect.equal("references on the page", 0, world.machine().frames().references(frame));
    }

    @Clause(
            id = "MAP-15",
            promise = "An index can be granted anew with another page, and then gives that page.",
            source = "xen-semantics.md, 3.12")
    void grantedAnew(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = greet(world, READ_WRITE);
        granter.store(granter.page(1), REPLY);
        world.step("the grantee maps and unmaps p0, the granter grants p1 at the same index");
        driver.unmap(driver.map(ref, 0));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        world.table().grant(World.FIRST_INDEX, World.GRANTEE, granter.pageFrame(1), Page.ORDER_4K, Access.READ);

        world.step("the grantee maps the index");
        driver.map(world.table().reference(World.FIRST_INDEX), 0, Access.READ);
        Sight.readOnly(grantee, grantee.slot(0), REPLY);
        Expect.equal("references on p0", world.references(2), world.references(0));
    }

    @Clause(
            id = "MAP-16",
            promise = "A frame that is not the granter's gives no mapping, and the entry is not left in use.",
            source = "xen-semantics.md, 3.6")
    void foreignFrame(World world) {
        Party granter = world.granter();
        Party third = world.third();
        world.step("the granter grants frames that it does not own");
        long[] frames = {granter.translated() ? granter.slot(5) >> Page.SHIFT : third.pageFrame(0), 0, 0x7fff_ffff};
        for (int n = 0; n < frames.length; n++) {
            int index = World.FIRST_INDEX + n;
            world.table().grant(index, World.GRANTEE, frames[n], Page.ORDER_4K, READ_WRITE);
            long ref = world.table().reference(index);
            Backend.of(world).cannotMap(Status.BAD_PAGE, ref, 0, READ_WRITE);
            Backend.of(world).cannotMap(Status.BAD_PAGE, ref, 0, Access.READ);
            Expect.holdsNot("the entry is in use", world.table().inUse(index));
        }
    }

    @Clause(
            id = "MAP-17",
            promise = "A grant of one page is that page alone: references above it that were not granted lead nowhere.",
            source = "xen-semantics.md, 3.3 step 2; grant-v3.md, WALK-4")
    void nothingBeside(World world) {
        long ref = greet(world, READ_WRITE);
        world.step("the grantee tries references above it");
        Backend driver = Backend.of(world);
        for (int above : new int[] {1, 2, 100}) {
            driver.cannotMap(Status.GENERAL_ERROR, ref + above, 0, READ_WRITE);
            driver.cannotMap(Status.GENERAL_ERROR, ref + above, 0, Access.READ);
        }
        driver.map(ref, 0, READ_WRITE);
        Sight.value(world.grantee(), world.grantee().slot(0), GREETING);
    }

    @Lacks(format = "large-leaves")
    @Clause(
            id = "MAP-18",
            promise = "Where one entry names no more than a page it can name no block: its granter is told so.",
            source = "xen-semantics.md, 1.1, 1.2; GuestTable")
    void pagesAlone(World world) {
        long frame = world.granter().pageFrame(0);
        for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
            Expect.holdsNot(
                    "it can name a block of order " + order, world.table().canName(frame, order));
        }
        Expect.holds("it can name a page", world.table().canName(frame, Page.ORDER_4K));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world, int access) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, access);
    }
}
