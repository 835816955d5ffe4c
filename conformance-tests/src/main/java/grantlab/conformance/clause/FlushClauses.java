package grantlab.conformance.clause;

import static grantlab.api.abi.CacheFlush.CLEAN;
import static grantlab.api.abi.CacheFlush.INVAL;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.abi.Gntmap;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CacheFlushCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import java.util.List;

/** GNTTABOP_cache_flush: who may flush what. It answers through the call's result alone. */
@Needs(format = "flat-home")
public final class FlushClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int LINE = 64;

    /** The firmware's memory, which nobody owns. */
    private static final long FIRMWARE = 8;

    private static final long BEYOND_MEMORY = 0x7ff_ffff_f000L;

    /** For ServiceLoader. */
    public FlushClauses() {}

    @Override
    public String prefix() {
        return "FLUSH";
    }

    @Override
    public String title() {
        return "Flushing caches of granted pages";
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-01",
            promise = "A range that leaves the page, and unknown operations, are -EINVAL before anything else is"
                    + " looked at;"
                    + " GNTTAB_CACHE_SOURCE_GREF is among them.",
            source = "xen-semantics.md, 2.12 row 1, 11.2; recording cache_flush_v1 lines 36..85")
    void badArguments(World world) {
        long page = own(world);
        world.step("the grantee flushes ranges beyond the page");
        int[][] ranges = {{4096, 1}, {4096, 0}, {4095, 2}, {1, 4096}, {0, 4097}, {65535, 65535}, {4000, 97}, {65535, 1}
        };
        for (int[] range : ranges) {
            flush(world, -Errno.EINVAL, new CacheFlushCall(page, range[0], range[1], CLEAN));
        }
        world.step("the grantee asks for operations that do not exist");
        for (int op : new int[] {4, 8, 5, CacheFlushCall.SOURCE_GREF, CacheFlushCall.SOURCE_GREF | CLEAN, -1}) {
            flush(world, -Errno.EINVAL, new CacheFlushCall(page, 0, LINE, op));
            flush(world, -Errno.EINVAL, new CacheFlushCall(FIRMWARE, 0, 0, op));
        }
        world.step("the last byte, and the whole page, are within it");
        flush(world, 0, new CacheFlushCall(page, 4095, 1, CLEAN));
        flush(world, 0, new CacheFlushCall(page, 0, 4096, CLEAN));
        flush(world, 0, new CacheFlushCall(page + 77, 4000, 96, CLEAN));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-02",
            promise = "No bytes or no operation is success whatever the address.",
            source = "xen-semantics.md, 2.12 row 2; recording cache_flush_v1 lines 8..14")
    void nothingToDo(World world) {
        long theirs = Page.address(world.granter().machineFrame(0));
        world.step("the grantee flushes nothing");
        for (long address : new long[] {own(world), theirs, FIRMWARE, BEYOND_MEMORY, -1}) {
            flush(world, 0, new CacheFlushCall(address, 0, LINE, 0));
            flush(world, 0, new CacheFlushCall(address, 4095, 0, CLEAN));
            flush(world, 0, new CacheFlushCall(address, 0, 0, INVAL));
        }
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-03",
            promise = "A page that nobody owns is -EPERM, memory that does not exist -EINVAL.",
            source = "xen-semantics.md, 2.12 rows 3 and 4; XSA-232, XSA-520; recording questions_v1 lines 37..39")
    void nobodysPage(World world) {
        world.step("the grantee flushes the firmware's page, many times, and beyond memory");
        long references = world.machine().frames().references(Page.frame(FIRMWARE));
        for (int time = 0; time < 8; time++) {
            flush(world, -Errno.EPERM, new CacheFlushCall(FIRMWARE, 0, LINE, CLEAN));
        }
        Expect.equal(
                "references on the firmware's page",
                references,
                world.machine().frames().references(Page.frame(FIRMWARE)));
        for (long address : new long[] {BEYOND_MEMORY, -Page.SIZE, -1}) {
            flush(world, -Errno.EINVAL, new CacheFlushCall(address, 0, LINE, CLEAN));
        }
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-04",
            promise = "A page of another domain can be flushed while the caller has it mapped, in any way, and only"
                    + " then.",
            source = "xen-semantics.md, 2.12 row 5; recording cache_flush_v1 lines 78..97")
    void mappedPages(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        long page = Page.address(world.granter().machineFrame(0));
        CacheFlushCall clean = new CacheFlushCall(page, 0, LINE, CLEAN);
        CacheFlushCall both = new CacheFlushCall(page, 0, LINE, CLEAN | INVAL);
        for (int flags : new int[] {
            Gntmap.HOST_MAP, Gntmap.HOST_MAP | Gntmap.READONLY, Gntmap.DEVICE_MAP, Gntmap.DEVICE_MAP | Gntmap.READONLY
        }) {
            flush(world, -Errno.EINVAL, clean);
            flush(world, -Errno.EINVAL, both);
            world.step("the grantee maps with flags " + flags + " and flushes");
            Mapped mapped = grantee.call(
                    MapCall.of(World.GRANTER, ref).at(grantee.slot(0)).flags(flags));
            Expect.okay(mapped);
            flush(world, 0, clean);
            flush(world, 0, both);
            CacheFlushCall neighbour = new CacheFlushCall(page + Page.SIZE, 0, LINE, CLEAN);
            Expect.different("result for another page", 0, grantee.call(neighbour));
            world.step("the grantee unmaps");
            Expect.okay(grantee.call(
                    UnmapCall.of(mapped.handle()).at(grantee.slot(0)).device(mapped.deviceAddress())));
        }
        flush(world, -Errno.EINVAL, clean);
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-05",
            promise = "Another domain's mapping of the page is no permission.",
            source = "xen-semantics.md, 2.12 row 5")
    void strangersMapping(World world) {
        Party third = world.third();
        long ref = world.grant(0, READ_WRITE);
        Backend.of(world).map(ref, 0);
        world.step("a third domain flushes what the grantee has mapped");
        CacheFlushCall clean = new CacheFlushCall(Page.address(world.granter().machineFrame(0)), 0, LINE, CLEAN);
        Expect.rc(-Errno.EINVAL, third.call(clean));
        Expect.rc(0, world.grantee().call(clean));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-06",
            promise = "Invalidating alone is -EOPNOTSUPP, but for a page that the caller has mapped read-only.",
            source = "xen-semantics.md, 2.12 row 6; recordings cache_flush_v1 lines 25, 88, 102 and questions_v1")
    void invalidateAlone(World world) {
        Party grantee = world.grantee();
        long ref = world.grant(0, READ_WRITE);
        CacheFlushCall theirs = new CacheFlushCall(Page.address(world.granter().machineFrame(0)), 0, LINE, INVAL);
        world.step("the grantee invalidates its own page, and the granter's, mapped read-only and writable");
        flush(world, -Errno.EOPNOTSUPP, new CacheFlushCall(own(world), 0, LINE, INVAL));
        flush(world, -Errno.EINVAL, theirs);
        Backend.of(world).map(ref, 0, Access.READ);
        flush(world, 0, theirs);
        Backend.of(world).map(ref, 1);
        flush(world, -Errno.EOPNOTSUPP, theirs);
        flush(world, 0, new CacheFlushCall(own(world), 0, LINE, CLEAN | INVAL));
        Expect.rc(0, grantee.call(new CacheFlushCall(own(world), 0, LINE, CLEAN)));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLUSH-07",
            promise = "The first element that fails ends the call with its error.",
            source = "xen-semantics.md, 2.12")
    void firstFailureEnds(World world) {
        CacheFlushCall good = new CacheFlushCall(own(world), 0, LINE, CLEAN);
        CacheFlushCall denied = new CacheFlushCall(FIRMWARE, 0, LINE, CLEAN);
        CacheFlushCall invalid = new CacheFlushCall(own(world), 0, LINE, 4);
        world.step("the grantee flushes in batches");
        Expect.rc(
                -Errno.EPERM,
                world.grantee().batch(List.of(good, denied, invalid)).getFirst());
        Expect.rc(
                -Errno.EINVAL,
                world.grantee().batch(List.of(good, invalid, denied)).getFirst());
        Expect.rc(0, world.grantee().batch(List.of(good, good)).getFirst());
    }

    @Lacks(grantee = "names-entries")
    @Clause(
            id = "FLUSH-08",
            promise = "A translated guest has no such call: -ENOSYS.",
            source = "xen-semantics.md, 1.8, 6.8; recording cache_flush_v1 line 108")
    void notForTranslated(World world) {
        world.step("the grantee flushes");
        flush(world, -Errno.ENOSYS, new CacheFlushCall(own(world), 0, LINE, CLEAN));
        flush(world, -Errno.ENOSYS, new CacheFlushCall(own(world), 0, 0, 0));
    }

    private static long own(World world) {
        return Page.address(world.grantee().machineFrame(0));
    }

    private static void flush(World world, long expected, CacheFlushCall call) {
        Expect.rc(expected, world.grantee().call(call));
    }
}
