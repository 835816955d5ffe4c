package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Copying by the hypervisor, whatever the format. The bytes of GNTTABOP_copy are the family GCOPY. */
public final class CopyClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long THEIRS = 1;
    private static final long OURS = 2;
    private static final int ROUNDS = 24;

    /** For ServiceLoader. */
    public CopyClauses() {}

    @Override
    public String prefix() {
        return "COPY";
    }

    @Override
    public String title() {
        return "Copying through a grant";
    }

    @Clause(
            id = "COPY-01",
            promise = "A copy out of a grant moves exactly the named bytes to exactly the named place.",
            source = "xen-semantics.md, 2.7.1 row 12")
    void outExactly(World world) {
        Party grantee = world.grantee();
        long ref = granted(world, Access.READ);
        for (int[] way : new int[][] {{0, 0, 1}, {3, 1001, 777}, {4095, 0, 1}, {0, 4095, 1}, {2048, 2048, 2048}}) {
            world.step("the grantee copies " + way[2] + " bytes from " + way[0] + " to " + way[1]);
            byte[] expected = bytes(grantee, grantee.page(0));
            System.arraycopy(bytes(world.granter(), world.granter().page(0)), way[0], expected, way[1], way[2]);
            Backend.of(world).copyFrom(ref, way[0], grantee.page(0) + way[1], way[2]);
            same("the grantee's page", expected, bytes(grantee, grantee.page(0)));
        }
        Sight.filled(world.granter(), world.granter().page(0), THEIRS);
    }

    @Clause(
            id = "COPY-02",
            promise = "A copy into a grant moves exactly the named bytes to exactly the named place.",
            source = "xen-semantics.md, 2.7.1 row 12")
    void inExactly(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        for (int[] way : new int[][] {{0, 0, 1}, {3, 1001, 777}, {4095, 0, 1}, {0, 4095, 1}, {2048, 2048, 2048}}) {
            world.step("the grantee copies " + way[2] + " bytes from " + way[0] + " to " + way[1]);
            byte[] expected = bytes(granter, granter.page(0));
            System.arraycopy(bytes(grantee, grantee.page(0)), way[0], expected, way[1], way[2]);
            Backend.of(world).copyTo(ref, way[1], grantee.page(0) + way[0], way[2]);
            same("the granter's page", expected, bytes(granter, granter.page(0)));
        }
        Sight.filled(grantee, grantee.page(0), OURS);
    }

    @Clause(
            id = "COPY-03",
            promise = "A whole page can be copied, and its neighbours stay as they were.",
            source = "xen-semantics.md, 2.7.1 row 9")
    void wholePage(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        world.step("both fill three pages, and the granter grants the one in the middle");
        for (int n = 0; n < 3; n++) {
            Sight.fill(granter, granter.page(n), 10 + n);
            Sight.fill(grantee, grantee.page(n), 20 + n);
        }
        long ref = world.grant(1, READ_WRITE);
        world.step("the grantee copies p1 out, then p2 in");
        Backend.of(world).copyFrom(ref, 0, grantee.page(1), Page.SIZE);
        Sight.filled(grantee, grantee.page(0), 20);
        Sight.filled(grantee, grantee.page(1), 11);
        Sight.filled(grantee, grantee.page(2), 22);
        Backend.of(world).copyTo(ref, 0, grantee.page(2), Page.SIZE);
        Sight.filled(granter, granter.page(0), 10);
        Sight.filled(granter, granter.page(1), 22);
        Sight.filled(granter, granter.page(2), 12);
    }

    @Clause(
            id = "COPY-04",
            promise = "A read-only grant can be copied from and not to.",
            source = "xen-semantics.md, 2.7.4 row 4, 3.3 step 3")
    void readOnlyGrant(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = granted(world, Access.READ);
        world.step("the grantee tries to copy in, then copies out");
        Backend.of(world).cannotCopyTo(Status.GENERAL_ERROR, ref, 0, grantee.page(0), Page.SIZE);
        Sight.filled(granter, granter.page(0), THEIRS);
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Backend.of(world).copyFrom(ref, 0, grantee.page(0), Page.SIZE);
        Sight.filled(grantee, grantee.page(0), THEIRS);
    }

    @Clause(
            id = "COPY-05",
            promise = "Nothing is copied through an entry that was ended.",
            source = "xen-semantics.md, 2.7.4 row 4, 3.12")
    void endedEntry(World world) {
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        world.step("the grantee copies once, so that whatever is kept from call to call is kept");
        Backend.of(world).copyFrom(ref, 0, grantee.page(1), Long.BYTES);
        world.step("the granter ends the grant, and the grantee tries both ways");
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
        Backend.of(world).cannotCopyFrom(Status.GENERAL_ERROR, ref, 0, grantee.page(0), Page.SIZE);
        Backend.of(world).cannotCopyTo(Status.GENERAL_ERROR, ref, 0, grantee.page(0), Page.SIZE);
        unchanged(world);
    }

    @Clause(
            id = "COPY-06",
            promise = "Nobody but the named grantee can copy, either way.",
            source = "xen-semantics.md, 2.7.4, 3.3 step 2")
    void strangerRefused(World world) {
        Party third = world.third();
        long ref = granted(world, READ_WRITE);
        Sight.fill(third, third.page(0), 3);
        world.step("a third domain tries both ways");
        Backend stranger = Backend.in(world, third);
        stranger.cannotCopyFrom(Status.GENERAL_ERROR, ref, 0, third.page(0), Page.SIZE);
        stranger.cannotCopyTo(Status.GENERAL_ERROR, ref, 0, third.page(0), Page.SIZE);
        Sight.filled(third, third.page(0), 3);
        unchanged(world);
    }

    @Clause(
            id = "COPY-07",
            promise = "A copy leaves nothing behind: no use of the entry, no reference, no hold on a page's type.",
            source = "xen-semantics.md, 2.7.3; XSA-50")
    void nothingLeft(World world) {
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        long theirs = uses(world, world.granter());
        long ours = uses(world, grantee);
        world.step("the grantee copies both ways, and fails to");
        Backend.of(world).copyFrom(ref, 0, grantee.page(0), 100);
        Backend.of(world).copyTo(ref, 0, grantee.page(0), 100);
        Backend.of(world)
                .cannotCopyFrom(
                        Status.GENERAL_ERROR, world.table().reference(World.FIRST_INDEX + 1L), 0, grantee.page(0), 1);

        world.step("everything is as before, and the granter can end the grant");
        Expect.equal("references and type uses of the granter's page", theirs, uses(world, world.granter()));
        Expect.equal("references and type uses of the grantee's page", ours, uses(world, grantee));
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "COPY-08",
            promise = "A copy sees what was just stored through a mapping of the same grant, and the other way round.",
            source = "xen-semantics.md, 2.7.4 row 7")
    void besideMapping(World world) {
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        world.step("the grantee maps it, fills the mapping and copies out");
        MappedGrant mapping = Backend.of(world).map(ref, 0);
        Sight.fill(grantee, grantee.slot(0), 7);
        Backend.of(world).copyFrom(ref, 0, grantee.page(1), Page.SIZE);
        Sight.filled(grantee, grantee.page(1), 7);
        world.step("the grantee copies in and looks through the mapping");
        Backend.of(world).copyTo(ref, 0, grantee.page(0), Page.SIZE);
        Sight.filled(grantee, grantee.slot(0), OURS);
        Backend.of(world).unmap(mapping);
    }

    @Needs(format = "in-use-bits")
    @Clause(
            id = "COPY-09",
            promise = "A copy through a mapped grant leaves it in use: the mapping's marks are not the copy's to take.",
            source = "xen-semantics.md, 3.5; XSA-230")
    void mappingKeepsMarks(World world) {
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = granted(world, READ_WRITE);
        world.step("the grantee maps it writable and copies both ways");
        MappedGrant writer = driver.map(ref, 0);
        driver.copyFrom(ref, 0, grantee.page(1), 64);
        driver.copyTo(ref, 0, grantee.page(1), 64);
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.holdsNot("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));

        world.step("the grantee maps it read-only instead and copies in: only the copy wrote");
        driver.unmap(writer);
        driver.map(ref, 0, Access.READ);
        driver.copyTo(ref, 0, grantee.page(1), 64);
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        Expect.holds("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));
        Expect.holdsNot("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Clause(
            id = "COPY-10",
            promise = "Whatever offsets and lengths come, both pages end as a model of two arrays says.",
            source = "xen-semantics.md, 2.7.1")
    void likeArrays(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        RandomGenerator random = world.random();
        byte[] theirs = bytes(granter, granter.page(0));
        byte[] ours = bytes(grantee, grantee.page(0));
        world.step("the grantee copies " + ROUNDS + " times, both ways");
        for (int round = 0; round < ROUNDS; round++) {
            int length = random.nextInt(1, Page.SIZE + 1);
            int there = random.nextInt(Page.SIZE - length + 1);
            int here = random.nextInt(Page.SIZE - length + 1);
            if (random.nextBoolean()) {
                Backend.of(world).copyFrom(ref, there, grantee.page(0) + here, length);
                System.arraycopy(theirs, there, ours, here, length);
            } else {
                Backend.of(world).copyTo(ref, there, grantee.page(0) + here, length);
                System.arraycopy(ours, here, theirs, there, length);
            }
        }
        same("the granter's page", theirs, bytes(granter, granter.page(0)));
        same("the grantee's page", ours, bytes(grantee, grantee.page(0)));
    }

    @Clause(
            id = "COPY-11",
            promise = "A grant that was narrowed can still be copied from, and no longer to.",
            source = "xen-semantics.md, 3.12")
    void narrowed(World world) {
        Party grantee = world.grantee();
        long ref = granted(world, READ_WRITE);
        Backend.of(world).copyTo(ref, 8, grantee.page(0) + 8, 8);
        world.step("the granter narrows the grant");
        Expect.holds("the grant can be narrowed", world.table().narrow(World.FIRST_INDEX));
        byte[] theirs = bytes(world.granter(), world.granter().page(0));
        Backend.of(world).cannotCopyTo(Status.GENERAL_ERROR, ref, 0, grantee.page(0), 8);
        same(
                "the granter's page",
                theirs,
                bytes(world.granter(), world.granter().page(0)));
        Backend.of(world).copyFrom(ref, 0, grantee.page(0), Page.SIZE);
        same("the grantee's page", theirs, bytes(grantee, grantee.page(0)));
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "COPY-12",
            promise = "A copy that would leave the page on either side is refused with -10 and moves nothing.",
            source = "xen-semantics.md, 2.7.1 row 9, 2.7.6")
    void beyondPage(World world) {
        Party grantee = world.grantee();
        Backend driver = Backend.of(world);
        long ref = granted(world, READ_WRITE);
        world.step("the grantee copies one byte too far, at either side");
        for (int[] way : new int[][] {{4000, 0, 97}, {0, 4000, 97}, {1, 0, 4096}, {0, 1, 4096}, {0, 0, 4097}}) {
            driver.cannotCopyFrom(Status.BAD_COPY_ARG, ref, way[0], grantee.page(0) + way[1], way[2]);
            driver.cannotCopyTo(Status.BAD_COPY_ARG, ref, way[0], grantee.page(0) + way[1], way[2]);
        }
        unchanged(world);
        Expect.holdsNot("the entry is in use", world.table().inUse(World.FIRST_INDEX));

        world.step("no byte at the very end is fine, beyond it is not");
        driver.copyFrom(ref, Page.SIZE, grantee.page(0), 0);
        driver.copyTo(ref, Page.SIZE, grantee.page(0), 0);
        driver.cannotCopyFrom(Status.BAD_COPY_ARG, ref, Page.SIZE + 1, grantee.page(0), 0);
        unchanged(world);
    }

    /** Both fill p0, and the granter grants its own. */
    private static long granted(World world, int access) {
        world.step("both fill p0, and the granter grants its own");
        Sight.fill(world.granter(), world.granter().page(0), THEIRS);
        Sight.fill(world.grantee(), world.grantee().page(0), OURS);
        return world.grant(0, access);
    }

    private static void unchanged(World world) {
        Sight.filled(world.granter(), world.granter().page(0), THEIRS);
        Sight.filled(world.grantee(), world.grantee().page(0), OURS);
    }

    private static long uses(World world, Party party) {
        long frame = party.machineFrame(0);
        return world.machine().frames().references(frame)
                + world.machine().frames().typeUses(frame) * 1000;
    }

    private static byte[] bytes(Party party, long page) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment into = arena.allocate(Page.SIZE);
            Expect.equal("vector of a fault", 0, party.vcpu().loadBytes(page, into));
            return into.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void same(String what, byte[] expected, byte[] got) {
        int at = Arrays.mismatch(expected, got);
        if (at >= 0) {
            Expect.equal(what + ", byte " + at, expected[at] & 0xff, got[at] & 0xff);
        }
    }
}
