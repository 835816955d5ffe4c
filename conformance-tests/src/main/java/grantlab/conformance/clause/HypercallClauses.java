package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.UnmapCall;

/** The call grant_table_op itself: commands, counts, and where arguments may stand. */
public final class HypercallClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long GREETING = 0x6772_616e_746c_6162L;
    private static final long TOO_MANY = 0x8000_0000L;
    private static final long COOKIE = 0x1000;
    private static final int UNKNOWN = 0xabc;
    private static final long XENS = 0xffff_8300_0000_0000L;
    private static final int[] ARRAYS = {
        GnttabOp.MAP_GRANT_REF, GnttabOp.UNMAP_GRANT_REF, GnttabOp.COPY, GnttabOp.SWAP_GRANT_REF
    };
    private static final int SWAPPED = 20;

    /** Below 32 are the operations of tables that set_version knows nothing of. */
    private static final int FIRST_FREE_BIT = 5;

    private static final int[] ANSWERED = {
        GnttabOp.MAP_GRANT_REF,
        GnttabOp.UNMAP_GRANT_REF,
        GnttabOp.SETUP_TABLE,
        GnttabOp.TRANSFER,
        GnttabOp.COPY,
        GnttabOp.QUERY_SIZE,
        GnttabOp.UNMAP_AND_REPLACE,
        GnttabOp.SET_VERSION,
        GnttabOp.GET_STATUS_FRAMES,
        GnttabOp.SWAP_GRANT_REF,
    };
    private static final int[] PV_ARRAYS = {GnttabOp.UNMAP_AND_REPLACE, GnttabOp.TRANSFER, GnttabOp.CACHE_FLUSH};

    /** For ServiceLoader. */
    public HypercallClauses() {}

    @Override
    public String prefix() {
        return "CALL";
    }

    @Override
    public String title() {
        return "The hypercall: commands, counts, arguments";
    }

    @Lacks(grantee = "translated")
    @Clause(
            id = "CALL-01",
            promise = "A PV call tests in this order: count, continuation bits, command, start of the array.",
            source = "xen-semantics.md, 2.0; recording questions_v1 lines 76..83")
    void orderForPv(World world) {
        Party grantee = world.grantee();
        world.step("the grantee makes calls that are wrong in several ways");
        call(grantee, -Errno.EINVAL, UNKNOWN, XENS, TOO_MANY);
        call(grantee, -Errno.EINVAL, GnttabOp.MAP_GRANT_REF, XENS, TOO_MANY);
        call(grantee, -Errno.EINVAL, COOKIE | UNKNOWN, XENS, 1);
        call(grantee, -Errno.EINVAL, COOKIE | GnttabOp.MAP_GRANT_REF, XENS, 1);
        call(grantee, -Errno.EINVAL, COOKIE | GnttabOp.QUERY_SIZE, XENS, 0);
        call(grantee, -Errno.ENOSYS, UNKNOWN, XENS, 1);
        call(grantee, -Errno.ENOSYS, GnttabOp.DUMP_TABLE, XENS, 1);
        for (int operation : ARRAYS) {
            call(grantee, -Errno.EFAULT, operation, XENS, 0);
            call(grantee, -Errno.EFAULT, operation, XENS, 1);
        }
        for (int operation : PV_ARRAYS) {
            call(grantee, -Errno.EFAULT, operation, XENS, 0);
        }
        call(grantee, -Errno.EFAULT, COOKIE | GnttabOp.CACHE_FLUSH, XENS, 1);
        call(grantee, -Errno.EINVAL, GnttabOp.QUERY_SIZE, XENS, 0);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "CALL-02",
            promise = "For a translated guest a command that it does not have is -ENOSYS before anything else,"
                    + " continuation"
                    + " bits and counts included.",
            source = "xen-semantics.md, 2.0; recording questions_pvh_v1 lines 5..11")
    void orderForTranslated(World world) {
        Party grantee = world.grantee();
        world.step("the grantee makes calls that do not exist for it");
        int[] missing = {
            GnttabOp.DUMP_TABLE,
            GnttabOp.TRANSFER,
            GnttabOp.UNMAP_AND_REPLACE,
            GnttabOp.GET_STATUS_FRAMES,
            GnttabOp.CACHE_FLUSH,
            UNKNOWN
        };
        for (int operation : missing) {
            call(grantee, -Errno.ENOSYS, operation, 0, 0);
            call(grantee, -Errno.ENOSYS, operation, grantee.arguments(), 1);
            call(grantee, -Errno.ENOSYS, operation, grantee.arguments(), TOO_MANY);
        }
        call(grantee, -Errno.ENOSYS, COOKIE | GnttabOp.MAP_GRANT_REF, grantee.arguments(), 1);
        call(grantee, -Errno.ENOSYS, COOKIE | GnttabOp.CACHE_FLUSH, grantee.arguments(), 1);
        call(grantee, -Errno.EINVAL, GnttabOp.MAP_GRANT_REF, grantee.arguments(), TOO_MANY);
        world.step("an array of nothing is looked at nowhere, one element at an address of nothing is -EFAULT");
        for (int operation : ARRAYS) {
            call(grantee, 0, operation, 0x5000, 0);
            call(grantee, -Errno.EFAULT, operation, 0x5000, 1);
            call(grantee, -Errno.EFAULT, operation, grantee.slot(0), 1);
        }
    }

    @Clause(
            id = "CALL-03",
            promise = "An array of no elements is success; a count with bit 31 is -EINVAL.",
            source = "xen-semantics.md, 2.0 (count handling)")
    void counts(World world) {
        Party grantee = world.grantee();
        world.step("the grantee brings nothing, and too much");
        for (int operation : ARRAYS) {
            call(grantee, 0, operation, grantee.arguments(), 0);
            call(grantee, 0, operation, 0, 0);
            call(grantee, -Errno.EINVAL, operation, grantee.arguments(), TOO_MANY);
            call(grantee, -Errno.EINVAL, operation, grantee.arguments(), 0xffff_ffffL);
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "CALL-04",
            promise = "Arguments may stand at any alignment and across two pages.",
            source = "xen-semantics.md, 2.0; recording questions_v1 (arguments across a page, unaligned)")
    void anyAlignment(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        long[] places = {grantee.page(20) + 1, grantee.page(20) + 4, grantee.page(21) - 13, grantee.page(21) - 27};
        for (int n = 0; n < places.length; n++) {
            world.step("the grantee maps with the request at offset " + Page.offset(places[n]));
            request(grantee, places[n], ref, grantee.slot(n));
            call(grantee, 0, GnttabOp.MAP_GRANT_REF, places[n], 1);
            grantee.load(places[n] + MapGrantRef.DOM);
            Expect.equal("status and handle", (long) n << 16, grantee.vcpu().value() >>> 16 & 0xffff_ffffL);
            Expect.equal(
                    "dev_bus_addr",
                    Page.address(world.granter().machineFrame(0)),
                    grantee.load(places[n] + MapGrantRef.DEV_BUS_ADDR));
            Sight.value(grantee, grantee.slot(n), GREETING);
        }
    }

    @Needs(format = "flat-home")
    @Clause(
            id = "CALL-05",
            promise = "When an element cannot be read the call is -EFAULT, and the elements before it are done and"
                    + " stay so.",
            source = "xen-semantics.md, 2.0 (faults in the middle of a batch)")
    void faultInTheMiddle(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        for (int over : new int[] {0, 16}) {
            long array = grantee.page(63) + Page.SIZE - 2 * MapGrantRef.SIZE - over;
            world.step("the grantee maps three times; " + over + " bytes of the third request can be read");
            request(grantee, array, ref, grantee.slot(0));
            request(grantee, array + MapGrantRef.SIZE, ref, grantee.slot(1));
            call(grantee, -Errno.EFAULT, GnttabOp.MAP_GRANT_REF, array, 3);
            for (int n = 0; n < 2; n++) {
                Sight.value(grantee, grantee.slot(n), GREETING);
                int handle = (int) grantee.load(array + (long) n * MapGrantRef.SIZE + MapGrantRef.HANDLE);
                Expect.okay(grantee.call(UnmapCall.of(handle).at(grantee.slot(n))));
            }
        }
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home")
    @Lacks(grantee = "translated")
    @Clause(
            id = "CALL-06",
            promise = "When the answer cannot be written the call is -EFAULT, and what was mapped stays mapped.",
            source = "xen-semantics.md, 2.0 (faults in the middle of a batch)")
    void answerNotWritten(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        request(grantee, grantee.page(20), ref, grantee.slot(0));
        long place = grantee.domain().addressSpace().entryAddress(grantee.page(20));
        long readOnly = world.machine().memory().load64(place) & ~2L;
        world.step("the grantee makes the page of its request read-only, and maps");
        Expect.rc(0, grantee.updateEntry(grantee.page(20), readOnly));
        call(grantee, -Errno.EFAULT, GnttabOp.MAP_GRANT_REF, grantee.page(20), 1);
        Sight.value(grantee, grantee.slot(0), GREETING);
        Expect.holds("the entry is in use", world.table().inUse(World.FIRST_INDEX));
        world.step("the handle that the grantee was never told is the first");
        Expect.okay(grantee.call(UnmapCall.of(0).at(grantee.slot(0))));
        Expect.holds("the entry can be ended", world.table().end(World.FIRST_INDEX));
    }

    @Needs(format = "flat-home", grantee = "translated")
    @Clause(
            id = "CALL-07",
            promise = "A translated guest's arguments are not read through a grant mapping: -EFAULT.",
            source = "recording questions_pvh_v1 lines 55..59")
    void argumentsInGrant(World world) {
        Party grantee = world.grantee();
        long ref = greet(world);
        Backend.of(world).map(ref, 0);
        world.step("the grantee writes a request into the mapping and calls with it");
        request(grantee, grantee.slot(0) + 64, ref, grantee.slot(1));
        call(grantee, -Errno.EFAULT, GnttabOp.MAP_GRANT_REF, grantee.slot(0) + 64, 1);
        Sight.nothing(grantee, grantee.slot(1));
    }

    @Lacks(grantee = "translated")
    @Clause(
            id = "CALL-08",
            promise = "Every operation that cannot write its answer is -EFAULT, though it did what it was asked for.",
            source = "xen-semantics.md, 2.0 (__copy_field_to_guest fails)")
    void noAnswerWritten(World world) {
        Party grantee = world.grantee();
        long argument = grantee.page(20);
        world.step("the grantee makes a page read-only in which it asks for nothing that exists");
        Expect.rc(0, grantee.updateEntry(argument, readOnlyEntry(world, argument)));
        for (int operation : ANSWERED) {
            call(grantee, -Errno.EFAULT, operation, argument, 1);
        }
        world.step("and another in which it asks for what it may have");
        grantee.store(grantee.page(21), Domid.SELF);
        Expect.rc(0, grantee.updateEntry(grantee.page(21), readOnlyEntry(world, grantee.page(21))));
        call(grantee, -Errno.EFAULT, GnttabOp.GET_VERSION, grantee.page(21), 1);
        world.step("a swap is done all the same");
        TableEntry first = grantee.entry(SWAPPED);
        TableEntry second = grantee.entry(SWAPPED + 1);
        first.set("domid", World.GRANTER);
        grantee.store(grantee.page(22), (long) (SWAPPED + 1) << 32 | SWAPPED);
        Expect.rc(0, grantee.updateEntry(grantee.page(22), readOnlyEntry(world, grantee.page(22))));
        call(grantee, -Errno.EFAULT, GnttabOp.SWAP_GRANT_REF, grantee.page(22), 1);
        Expect.equal("domid of the first", 0L, first.get("domid"));
        Expect.equal("domid of the second", (long) World.GRANTER, second.get("domid"));
    }

    private static long readOnlyEntry(World world, long page) {
        Party grantee = world.grantee();
        return world.machine().memory().load64(grantee.domain().addressSpace().entryAddress(page)) & ~2L;
    }

    @Clause(
            id = "CALL-09",
            promise = "A yield is 0. A hypercall that there is not is -ENOSYS, and so is such a memory_op; no number of"
                    + " grant_table_op, however large or negative, is anything but an error.",
            source = "xen-semantics.md, 2.0 (do_memory_op: default)")
    void unknownCalls(World world) {
        Party grantee = world.grantee();
        world.step("the grantee calls for what there is not");
        for (int number : new int[] {UNKNOWN, -1, Integer.MAX_VALUE}) {
            Expect.rc(-Errno.ENOSYS, grantee.hypercall(number, 0, grantee.arguments(), 1));
            Expect.rc(-Errno.ENOSYS, grantee.hypercall(Hypercall.MEMORY_OP, number, grantee.arguments(), 0));
            Expect.holds("an error", grantee.grantTableOp(number, grantee.arguments(), 1) < 0);
        }
        Expect.rc(0, grantee.hypercall(Hypercall.SCHED_OP, 0, 0, 0));
        for (int bit = FIRST_FREE_BIT; bit < Integer.SIZE; bit++) {
            Expect.holds("an error", grantee.grantTableOp(1L << bit, grantee.arguments(), 1) < 0);
        }
    }

    private static void request(Party grantee, long struct, long ref, long slot) {
        grantee.store(struct + MapGrantRef.HOST_ADDR, slot);
        grantee.store(struct + MapGrantRef.FLAGS, Gntmap.HOST_MAP | ref << 32);
        grantee.store(struct + MapGrantRef.DOM, World.GRANTER | 0x5a5aL << 16);
        grantee.store(struct + MapGrantRef.DEV_BUS_ADDR, 0);
    }

    private static void call(Party grantee, long expected, long command, long address, long count) {
        Expect.rc(expected, grantee.grantTableOp(command, address, count));
    }

    /** The granter writes its greeting and grants p0. */
    private static long greet(World world) {
        world.step("the granter writes p0 and grants it");
        world.granter().store(world.granter().page(0), GREETING);
        return world.grant(0, READ_WRITE);
    }
}
