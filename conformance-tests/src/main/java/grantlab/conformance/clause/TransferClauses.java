package grantlab.conformance.clause;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Gtf;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Interruptible;
import grantlab.conformance.Lacks;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.TableEntry;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.TransferCall;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * GNTTABOP_transfer: the grantee, which must be PV, gives pages to the granter, whose entries accept them.
 */
@Needs(format = {"flat-home", "transfer"})
public final class TransferClauses implements ClauseFamily {
    private static final String RULES = "xen-semantics.md, 2.5; recording transfer_v1";
    private static final int REF = 8;
    private static final int DONE = Gtf.ACCEPT_TRANSFER | Gtf.TRANSFER_COMMITTED | Gtf.TRANSFER_COMPLETED;
    private static final long PRESENT_USER = 0x65;
    private static final long PRESENT_WRITABLE_USER = 0x67;
    private static final long ABOVE_V1 = 1L << 32;

    /** For ServiceLoader. */
    public TransferClauses() {}

    @Override
    public String prefix() {
        return "XFER";
    }

    @Override
    public String title() {
        return "Giving pages away";
    }

    @Needs(granter = "typed-frames", grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-01",
            promise = "A PV receiver finds committed and completed in its entry, and the machine frame in place of the"
                    + " number that it wanted, which the machine-to-physical table has now.",
            source = RULES)
    void toPv(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        long frame = giver.pageFrame(0);
        accept(receiver, REF, 0x1234);
        giver.store(giver.page(0), 42);
        Expect.okay(give(giver, 0, REF));
        Expect.equal("flags", DONE, receiver.entry(REF).get("flags"));
        Expect.equal("frame", frame, receiver.entry(REF).get("frame"));
        expectOwned(world, frame, World.GRANTER);
        Expect.equal("guest frame", 0x1234, world.machine().frames().machineToPhysical(frame));
        world.step("the receiver maps it");
        Expect.rc(0, receiver.updateEntry(receiver.slot(9), Page.address(frame) | PRESENT_WRITABLE_USER));
        Expect.equal("contents", 42L, receiver.load(receiver.slot(9)));
    }

    @Needs(granter = "translated", grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-02",
            promise =
                    "An HVM receiver finds the page at the guest frame that its entry named, and the entry still names"
                            + " it.",
            source = RULES)
    void toHvm(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        long gfn = Page.frame(receiver.slot(9));
        accept(receiver, REF, gfn);
        giver.store(giver.page(0), 42);
        Expect.okay(give(giver, 0, REF));
        Expect.equal("flags", DONE, receiver.entry(REF).get("flags"));
        Expect.equal("frame", gfn, receiver.entry(REF).get("frame"));
        expectOwned(world, giver.pageFrame(0), World.GRANTER);
        Expect.equal("contents", 42L, receiver.load(receiver.slot(9)));
    }

    @Needs(granter = "translated", grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-03",
            promise = "Memory at the guest frame that an HVM receiver named stays its own, but is found nowhere any"
                    + " more; a mapping there makes Xen crash the receiver.",
            source = "recording questions_pvh_v1")
    void ontoSomething(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        long pages = pages(world, receiver);
        giver.store(giver.page(0), 42);
        receiver.store(receiver.page(5), 41);
        Sight.value(receiver, receiver.page(5), 41);
        accept(receiver, REF, receiver.pageFrame(5));
        Expect.okay(give(giver, 0, REF));
        Expect.equal("contents", 42L, receiver.load(receiver.page(5)));
        Expect.equal("pages", pages + 1, pages(world, receiver));
        world.step("the receiver maps a page of the giver's where the next shall go");
        giver.entry(20)
                .set("domid", World.GRANTER)
                .set("frame", giver.pageFrame(2))
                .set("flags", Gtf.PERMIT_ACCESS);
        Expect.okay(receiver.call(MapCall.of(World.GRANTEE, 20).at(receiver.slot(9))));
        accept(receiver, REF + 1, Page.frame(receiver.slot(9)));
        Expect.status(Status.GENERAL_ERROR, give(giver, 1, REF + 1));
        Expect.equal("flags", DONE, receiver.entry(REF + 1).get("flags"));
        Expect.holds("the receiver crashed", receiver.domain().crashed());
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XFER-04",
            promise =
                    "A page that is in use, is typed, is another's or is no memory cannot be given: GNTST_bad_page, and"
                            + " nobody loses anything.",
            source = RULES)
    void unfit(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        accept(receiver, REF, 0x1234);
        world.step("the giver has p1 mapped for reading only: no type, but a reference");
        Expect.rc(0, giver.updateEntry(giver.page(1), Page.address(giver.pageFrame(1)) | PRESENT_USER));
        Ledger ledger = Ledger.of(world, giver, receiver);
        long table = Page.frame(giver.domain().addressSpace().entryAddress(giver.page(0)));
        long shared = giver.domain().tableFrames().sharedFrame(0);
        long foreign = receiver.machineFrame(3);
        for (long frame :
                new long[] {giver.pageFrame(0), giver.pageFrame(1), table, shared, foreign, 0, 0x7fff_ffff, -1}) {
            Expect.status(Status.BAD_PAGE, giver.call(new TransferCall(frame, World.GRANTER, REF)));
        }
        Expect.equal("flags", Gtf.ACCEPT_TRANSFER, receiver.entry(REF).get("flags"));
        ledger.check();
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-05",
            promise = "A page that somebody has mapped through a grant cannot be given; after the unmap it can, and the"
                    + " old grant is worth nothing.",
            source = RULES)
    void granted(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        giver.entry(20)
                .set("domid", World.GRANTER)
                .set("frame", giver.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        MapCall map = MapCall.of(World.GRANTEE, 20).at(receiver.slot(9)).readonly();
        Driver.Handle handle = Driver.hold(receiver, map);
        accept(receiver, REF, Page.frame(receiver.slot(10)));
        Expect.status(Status.BAD_PAGE, give(giver, 0, REF));
        world.step("the receiver lets go");
        handle.letGo();
        Expect.okay(giver.call(new TransferCall(giver.pageFrame(0), World.GRANTER, REF)));
        Expect.status(Status.BAD_PAGE, receiver.call(map));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XFER-06",
            promise =
                    "Once the page has left the giver every failure frees it: unknown receivers are GNTST_bad_domain.",
            source = RULES)
    void noReceiver(World world) {
        Party giver = world.grantee();
        long pages = pages(world, giver);
        int[] nobody = {99, Domid.SELF, Domid.IO, Domid.XEN, Domid.COW, Domid.INVALID, Domid.IDLE};
        for (int n = 0; n < nobody.length; n++) {
            unmap(giver, n);
            long frame = giver.pageFrame(n);
            Expect.status(Status.BAD_DOMAIN, giver.call(new TransferCall(frame, nobody[n], REF)));
            expectLost(world, giver, n);
            Expect.status(Status.BAD_PAGE, giver.call(new TransferCall(frame, nobody[n], REF)));
        }
        Expect.equal("pages", pages - nobody.length, pages(world, giver));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XFER-07",
            promise = "An entry accepts only while its flags are exactly GTF_accept_transfer and its domid the giver's;"
                    + " else GNTST_general_error, the page is freed, the entry stays.",
            source = RULES)
    void notAccepting(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        long received = pages(world, receiver);
        long given = pages(world, giver);
        int[] flags = {0, 1, 3, 6, 0xa, 0xe, 0x102, 0x12};
        for (int n = 0; n < flags.length; n++) {
            TableEntry entry = accept(receiver, REF + n, 77).set("flags", flags[n]);
            refused(world, n, REF + n);
            Expect.equal("flags", flags[n], entry.get("flags"));
            Expect.equal("frame", 77L, entry.get("frame"));
        }
        accept(receiver, 30, 77).set("domid", World.THIRD);
        refused(world, 20, 30);
        refused(world, 21, receiver.references());
        refused(world, 22, 0xffff_ffffL);
        Expect.equal("pages of the receiver", received, pages(world, receiver));
        Expect.equal("pages of the giver", given - 11, pages(world, giver));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XFER-08",
            promise = "A receiver that has all the pages it may have gets none, and its entry stays open.",
            source = RULES)
    void full(World world) {
        long pages = pages(world, world.granter());
        Party receiver = Rebuilt.granter(world, config -> config.withMaxPages(pages));
        accept(receiver, REF, Page.frame(receiver.slot(9)));
        refused(world, 0, REF);
        Expect.equal("flags", Gtf.ACCEPT_TRANSFER, receiver.entry(REF).get("flags"));
        Expect.equal("pages", pages, pages(world, receiver));
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(id = "XFER-09", promise = "A dying receiver gets nothing.", source = "xen-semantics.md, 2.5 row 8")
    void dying(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        receiver.entry(20)
                .set("domid", World.GRANTEE)
                .set("frame", receiver.pageFrame(0))
                .set("flags", 1);
        accept(receiver, REF, Page.frame(receiver.slot(9)));
        Expect.okay(giver.call(MapCall.of(World.GRANTER, 20).at(giver.slot(0))));
        world.destroy(receiver);
        refused(world, 0, REF);
        Expect.equal("flags", Gtf.ACCEPT_TRANSFER, receiver.entry(REF).get("flags"));
        Expect.equal("pages", 1, pages(world, receiver));
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-10",
            promise = "A frame of more than 32 bits reaches a PV receiver whose entry cannot name it as a low copy, and"
                    + " any other receiver as itself.",
            source = "xen-semantics.md, 2.5 row 7; 8.1 row 22 (XSA-284)")
    void highFrame(World world) {
        Party receiver = world.granter();
        FrameTable frames = world.machine().frames();
        long pages = pages(world, world.grantee());
        long high = highPage(world);
        long gfn = Page.frame(receiver.slot(9));
        accept(receiver, REF, gfn);
        Expect.okay(world.grantee().call(new TransferCall(high, World.GRANTER, REF)));
        Expect.equal("flags", DONE, receiver.entry(REF).get("flags"));
        long got = receiver.translated()
                ? receiver.domain().physicalMap().machineFrame(gfn)
                : receiver.entry(REF).get("frame");
        boolean copied = !receiver.translated() && !world.table().canName(high, Page.ORDER_4K);
        Expect.equal("low", copied, got < ABOVE_V1);
        Expect.equal("contents", 42, world.machine().memory().load64(Page.address(got)));
        expectOwned(world, got, World.GRANTER);
        Expect.equal("owner of the high frame", got == high ? World.GRANTER : FrameTable.NO_OWNER, frames.owner(high));
        Expect.equal("pages of the giver", pages, pages(world, world.grantee()));
    }

    @Needs(granter = "typed-frames", grantee = "names-entries")
    @Lacks(format = "frames-above-16-tib")
    @Clause(
            id = "XFER-11",
            promise =
                    "With no low memory left for the copy the answer is GNTST_address_too_big, and the page is freed.",
            source = "xen-semantics.md, 2.5 row 7")
    void noLowMemory(World world) {
        Party receiver = world.granter();
        FrameTable frames = world.machine().frames();
        long given = pages(world, world.grantee());
        long received = pages(world, receiver);
        long high = highPage(world);
        accept(receiver, REF, 0x1234);
        world.step("the third party has all low memory");
        Party hog = world.third();
        List<Long> taken = exhaust(frames, hog.domid());
        Expect.status(Status.ADDRESS_TOO_BIG, world.grantee().call(new TransferCall(high, World.GRANTER, REF)));
        Expect.equal("flags", Gtf.ACCEPT_TRANSFER, receiver.entry(REF).get("flags"));
        Expect.equal("owner of the high frame", FrameTable.NO_OWNER, frames.owner(high));
        Expect.equal("pages of the giver", given, pages(world, world.grantee()));
        Expect.equal("pages of the receiver", received, pages(world, receiver));
        taken.forEach(frame -> giveBack(frames, frame, hog.domid()));
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(id = "XFER-12", promise = "A domain may give a page to itself, by its number.", source = RULES)
    void toItself(World world) {
        Party giver = world.grantee();
        long pages = pages(world, giver);
        giver.entry(REF).set("domid", World.GRANTEE).set("flags", Gtf.ACCEPT_TRANSFER);
        unmap(giver, 0);
        Expect.okay(giver.call(new TransferCall(giver.pageFrame(0), World.GRANTEE, REF)));
        Expect.equal("frame", giver.pageFrame(0), giver.entry(REF).get("frame"));
        expectOwned(world, giver.pageFrame(0), World.GRANTEE);
        Expect.equal("pages", pages, pages(world, giver));
    }

    @Lacks(grantee = "names-entries")
    @Clause(id = "XFER-13", promise = "HVM guests have no transfer: -ENOSYS.", source = "xen-semantics.md, 1.8, 6.8")
    void noneForHvm(World world) {
        Party giver = world.grantee();
        accept(world.granter(), REF, 0x1234);
        long pages = pages(world, giver);
        Answer answer = giver.call(new TransferCall(giver.pageFrame(0), World.GRANTER, REF));
        Expect.rc(-Errno.ENOSYS, answer.rc());
        Expect.equal("pages", pages, pages(world, giver));
    }

    @Interruptible
    @Needs(grantee = "names-entries")
    @Clause(
            id = "XFER-15",
            promise =
                    "A receiver that changes its entry before every look holds nobody up: after a bounded number of looks the answer"
                            + " is GNTST_general_error, and the page is freed.",
            source = "xen-semantics.md, 2.5 row 9; 8.1 row 24 (XSA-295)")
    void neverAtRest(World world) {
        Party receiver = world.granter();
        long received = pages(world, receiver);
        for (int first = 0; first < 2; first++) {
            TableEntry entry = accept(receiver, REF + first, 77);
            int page = first;
            int[] looks = {first};
            world.interruption()
                    .throughout(
                            () -> entry.set("flags", looks[0]++ % 2 == 0 ? Gtf.ACCEPT_TRANSFER : Gtf.PERMIT_ACCESS),
                            () -> refused(world, page, REF + page));
            Expect.holds("it changed at all", looks[0] > first);
        }
        Expect.equal("pages of the receiver", received, pages(world, receiver));
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XFER-14",
            promise = "A failing element stops no batch.",
            source = "xen-semantics.md, 2.0 (a failing element never stops a batch)")
    void batch(World world) {
        Party receiver = world.granter();
        Party giver = world.grantee();
        long pages = pages(world, receiver);
        long grown = receiver.references();
        Expect.okay(receiver.call(SetupTableCall.own(2)));
        for (int n = 0; n < 4; n++) {
            accept(receiver, grown + n, Page.frame(receiver.slot(10 + n)));
        }
        unmap(giver, 0);
        unmap(giver, 2);
        List<Answer> answers = giver.batch(List.of(
                new TransferCall(giver.pageFrame(0), World.GRANTER, grown),
                new TransferCall(giver.pageFrame(1), World.GRANTER, grown + 1),
                new TransferCall(giver.pageFrame(2), World.GRANTER, grown + 2)));
        Expect.equal(
                "statuses",
                List.of(Status.OKAY, Status.BAD_PAGE, Status.OKAY),
                answers.stream().map(Answer::status).toList());
        Expect.equal("pages", pages + 2, pages(world, receiver));
    }

    private static TableEntry accept(Party receiver, long ref, long frame) {
        return receiver.entry(ref)
                .set("frame", frame)
                .set("domid", World.GRANTEE)
                .set("flags", Gtf.ACCEPT_TRANSFER);
    }

    /** The giver gives up its own mapping, then the page. */
    private static Answer give(Party giver, int page, long ref) {
        long frame = giver.pageFrame(page);
        unmap(giver, page);
        return giver.call(new TransferCall(frame, World.GRANTER, ref));
    }

    private static void unmap(Party giver, int page) {
        Expect.rc(0, giver.updateEntry(giver.page(page), 0));
    }

    private static void refused(World world, int page, long ref) {
        Expect.status(Status.GENERAL_ERROR, give(world.grantee(), page, ref));
        expectLost(world, world.grantee(), page);
    }

    private static void expectLost(World world, Party giver, int page) {
        FrameTable frames = world.machine().frames();
        Expect.equal("owner of the page", FrameTable.NO_OWNER, frames.owner(giver.pageFrame(page)));
        Expect.equal("references of the page", 0, frames.references(giver.pageFrame(page)));
    }

    private static long pages(World world, Party party) {
        return world.machine().frames().pages(party.domid());
    }

    private static void expectOwned(World world, long frame, int owner) {
        Expect.equal("owner", owner, world.machine().frames().owner(frame));
        Expect.equal("references", 1, world.machine().frames().references(frame));
    }

    /** A page of the giver's above 16 TiB with 42 in it. */
    private static long highPage(World world) {
        long high = world.machine().frames().allocateFrom(World.GRANTEE, Page.ORDER_4K, ABOVE_V1);
        world.machine().memory().store64(Page.address(high), 42);
        return high;
    }

    /** All frames below the limit, large blocks first: that is quick. */
    private static List<Long> exhaust(FrameTable frames, int domid) {
        List<Long> taken = new ArrayList<>();
        for (int order : new int[] {Page.ORDER_2M, Page.ORDER_4K}) {
            long frame = frames.allocate(domid, order);
            while (frame != FrameTable.NONE) {
                LongStream.range(frame, frame + (1L << order)).forEach(taken::add);
                frame = frame < ABOVE_V1 ? frames.allocate(domid, order) : FrameTable.NONE;
            }
        }
        return taken;
    }

    private static void giveBack(FrameTable frames, long frame, int domid) {
        frames.get(frame, Page.ORDER_4K, domid);
        frames.releaseAllocation(frame);
        frames.put(frame, Page.ORDER_4K);
    }
}
