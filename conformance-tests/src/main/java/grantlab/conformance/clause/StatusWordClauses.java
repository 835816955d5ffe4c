package grantlab.conformance.clause;

import static grantlab.api.abi.Gtf.PERMIT_ACCESS;
import static grantlab.api.abi.Gtf.READING;
import static grantlab.api.abi.Gtf.READONLY;
import static grantlab.api.abi.Gtf.WRITING;

import grantlab.api.Status;
import grantlab.api.abi.Copy;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.SetupTableCall;
import grantlab.conformance.call.SwapCall;

/** What version 2 tells the granter beside its table: a word of 16 bits for each reference. */
@Needs(format = {"flat-home", "layout-v2"})
public final class StatusWordClauses implements ClauseFamily {
    private static final String PROTOCOL = "xen-semantics.md, 3.4";
    private static final int REF = 8;
    private static final int BOTH = READING | WRITING;
    private static final int SCRIBBLED = 0xffff;
    private static final long NO_FRAME = 0x7fff_ffff;

    /** For ServiceLoader. */
    public StatusWordClauses() {}

    @Override
    public String prefix() {
        return "STAT";
    }

    @Override
    public String title() {
        return "Status words";
    }

    @Clause(
            id = "STAT-01",
            promise = "The word of reference n is the 16 bits at 2n of the status frames, 2048 in each; a use sets"
                    + " GTF_reading there, a writer GTF_writing too, and the last of a kind takes its bit back.",
            source = "xen-semantics.md, 1.3, 3.5; recording status_frames lines 27..37")
    void layout(World world) {
        Party granter = world.granter();
        Expect.okay(granter.call(SetupTableCall.own(9)));
        for (int ref : new int[] {0, 1, 255, 256, 2047, 2048, 2303}) {
            EntriesV2.page(granter, ref, World.GRANTEE, 0);
            world.step("the grantee maps reference " + ref);
            Driver.Handle reader =
                    Driver.hold(world.grantee(), map(world, ref, 0).readonly());
            expectPlainWord(world, ref, READING);
            Driver.Handle writer = Driver.hold(world.grantee(), map(world, ref, 1));
            expectPlainWord(world, ref, BOTH);
            writer.letGo();
            expectPlainWord(world, ref, READING);
            reader.letGo();
            expectPlainWord(world, ref, 0);
        }
    }

    private static void expectPlainWord(World world, int ref, int expected) {
        long frame = world.granter().domain().tableFrames().statusFrame(ref / 2048);
        long word = world.machine().memory().load16(Page.address(frame) + 2L * (ref % 2048)) & 0xffff;
        Expect.equal("status word of reference " + ref, expected, word);
    }

    @Clause(
            id = "STAT-02",
            promise = "A use changes the word of its own reference: whatever its neighbours hold they keep.",
            source = PROTOCOL + ", 3.5 (atomic on 16 bits)")
    void neighbours(World world) {
        for (int ref : new int[] {10, 11, 12, 13}) {
            EntriesV2.page(world.granter(), ref, World.GRANTEE, 0);
            for (int other = 9; other <= 14; other++) {
                scribble(world, other, other == ref ? 0 : SCRIBBLED);
            }
            world.step("the grantee uses reference " + ref);
            Driver.Handle handle = Driver.hold(world.grantee(), map(world, ref, 0));
            expectWord(world, ref, BOTH);
            handle.letGo();
            Expect.okay(Through.of(world, ref).in(0, 8));
            for (int other = 9; other <= 14; other++) {
                expectWord(world, other, other == ref ? 0 : SCRIBBLED);
            }
        }
    }

    @Clause(
            id = "STAT-03",
            promise = "Nothing is read from the word: scribbled full it hinders no use, and of it the last reader takes"
                    + " GTF_reading alone, the last writer both bits.",
            source = PROTOCOL + " (guests may scribble: 0xffff becomes 0xffe7)")
    void scribbledFull(World world) {
        EntriesV2.page(world.granter(), REF, World.GRANTEE, 0);
        scribble(world, REF, SCRIBBLED);
        world.step("the grantee maps read-only, then writable");
        Driver.Handle reader = Driver.hold(world.grantee(), map(world, REF, 0).readonly());
        expectWord(world, REF, SCRIBBLED);
        reader.letGo();
        expectWord(world, REF, SCRIBBLED & ~READING);
        Driver.Handle writer = Driver.hold(world.grantee(), map(world, REF, 0));
        expectWord(world, REF, SCRIBBLED);
        writer.letGo();
        expectWord(world, REF, SCRIBBLED & ~BOTH);
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "STAT-04",
            promise = "Scribbled empty it stays empty while the page is in use, ends no use, and frees no reference.",
            source = PROTOCOL + " (a guest-zeroed status stays zero while pinned)")
    void scribbledEmpty(World world) {
        EntriesV2.page(world.granter(), REF, World.GRANTEE, 0);
        Driver.Handle first = Driver.hold(world.grantee(), map(world, REF, 0));
        long references = world.references(0);
        scribble(world, REF, 0);
        world.step("the grantee maps again, and the granter tries to swap");
        Driver.Handle second = Driver.hold(world.grantee(), map(world, REF, 1));
        expectWord(world, REF, 0);
        Expect.equal("references", references + 1, world.references(0));
        Expect.status(Status.EAGAIN, world.granter().call(new SwapCall(REF, 9)));
        first.letGo();
        second.letGo();
        expectWord(world, REF, 0);
    }

    @Clause(
            id = "STAT-05",
            promise = "A use that the entry does not allow does not touch the word.",
            source = PROTOCOL + " steps 1 and 2 (status untouched)")
    void refusedUntouched(World world) {
        for (int word : new int[] {0, WRITING, SCRIBBLED}) {
            EntriesV2.page(world.granter(), REF, World.GRANTEE, 0).set("flags", PERMIT_ACCESS | READONLY);
            scribble(world, REF, word);
            world.step("the grantee writes to a read-only grant, and uses somebody else's");
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, REF, 0)));
            Expect.status(Status.GENERAL_ERROR, Through.of(world, REF).in(0, 8));
            expectWord(world, REF, word);
            world.granter().entry(REF).set("domid", World.THIRD);
            Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, REF, 0)));
            Through.of(world, REF).refused(Status.GENERAL_ERROR);
            expectWord(world, REF, word);
        }
    }

    @Clause(
            id = "STAT-06",
            promise = "A use that fails on the frame takes its marks back, and only those that it would have set.",
            source = "xen-semantics.md, 3.5, 11.1 rule 5")
    void failedOnFrame(World world) {
        for (int write = 0; write <= 1; write++) {
            int left = SCRIBBLED & ~(write == 1 ? BOTH : READING);
            EntriesV2.page(world.granter(), REF, World.GRANTEE, 0).set("frame", NO_FRAME);
            scribble(world, REF, SCRIBBLED);
            world.step("the grantee maps and copies through a frame that does not exist");
            MapCall map = map(world, REF, 0);
            Expect.status(Status.BAD_PAGE, world.grantee().call(write == 1 ? map : map.readonly()));
            expectWord(world, REF, left);
            scribble(world, REF, SCRIBBLED);
            Through copies = Through.of(world, REF);
            Expect.status(Status.BAD_PAGE, write == 1 ? copies.in(0, 8) : copies.out(0, 8));
            expectWord(world, REF, left);
        }
    }

    @Clause(
            id = "STAT-07",
            promise =
                    "A first writer of an entry in use that has become read-only is refused; the reader's mark stays.",
            source = PROTOCOL + " steps 2 and 5; recording unmap_v2")
    void upgradeRefused(World world) {
        EntriesV2.page(world.granter(), REF, World.GRANTEE, 0);
        Driver.Handle reader = Driver.hold(world.grantee(), map(world, REF, 0).readonly());
        world.granter().entry(REF).set("flags", PERMIT_ACCESS | READONLY);
        world.step("the grantee maps writable, and copies in");
        Expect.status(Status.GENERAL_ERROR, world.grantee().call(map(world, REF, 1)));
        Expect.status(Status.GENERAL_ERROR, Through.of(world, REF).in(0, 8));
        expectWord(world, REF, READING);
        reader.letGo();
        expectWord(world, REF, 0);
    }

    @Clause(
            id = "STAT-08",
            promise = "A copy marks the reference while it moves the bytes, and not afterwards.",
            source = PROTOCOL + ", 11.1 rule 2")
    void markedWhileCopying(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        EntriesV2.page(granter, REF, World.GRANTEE, 0);
        world.step("the granter grants its status words, and the grantee copies a word of them: by that very copy");
        granter.entry(9)
                .set("domid", World.GRANTEE)
                .set("frame", OwnFrames.status(granter, 0, 9))
                .set("flags", PERMIT_ACCESS);
        granter.store(granter.page(0), -1);
        CopyCall.End words = CopyCall.of(World.GRANTER, 9, 2 * REF);
        int both = Copy.SOURCE_GREF | Copy.DEST_GREF;
        Expect.okay(grantee.call(new CopyCall(words, CopyCall.of(World.GRANTER, REF, 0), 4, both)));
        Expect.bits(
                "words of the destination and of the source",
                0xffff_ffffL,
                (long) READING << 16 | BOTH,
                granter.load(granter.page(0)));
        expectWord(world, REF, 0);
        expectWord(world, 9, 0);
    }

    @Needs(format = "swap")
    @Clause(
            id = "STAT-09",
            promise = "References that change places take their words with them, whole.",
            source = "xen-semantics.md, 2.11 row 6; recording swap_v2")
    void swapped(World world) {
        scribble(world, 20, 0xa55a);
        scribble(world, 21, 0x1234);
        EntriesV2.hop(world.granter(), 20, World.GRANTEE, 77, 0x8765_4321L)
                .set("pad", 5)
                .set("rest", 6);
        EntriesV2.part(world.granter(), 21, World.THIRD, 3, 0xfff0, 0xffff);
        Expect.okay(world.granter().call(new SwapCall(20, 21)));
        expectWord(world, 20, 0x1234);
        expectWord(world, 21, 0xa55a);
        Expect.equal("offset", 0xfff0, world.granter().entry(20).get("off"));
        Expect.equal("length", 0xffff, world.granter().entry(20).get("len"));
        Expect.equal(
                "frame", world.granter().pageFrame(3), world.granter().entry(20).get("frame"));
        Expect.equal("far domain", 77, world.granter().entry(21, "ent2t").get("tdom"));
        Expect.equal(
                "far reference",
                0x8765_4321L,
                world.granter().entry(21, "ent2t").get("gref"));
        Expect.equal("the rest", 6, world.granter().entry(21, "ent2t").get("rest"));
    }

    @Clause(
            id = "STAT-10",
            promise = "A table has a status frame for each eight frames of entries, begun ones included.",
            source = "xen-semantics.md, 4 (status frames: ceil(frames/8)); recording status_frames lines 5..18")
    void count(World world) {
        Party granter = world.granter();
        for (int frames : new int[] {1, 8, 9, 16, 17, 64}) {
            Expect.okay(granter.call(SetupTableCall.own(frames)));
            int expected = (frames + 7) / 8;
            Expect.equal(
                    "status frames", expected, granter.domain().tableFrames().statusCount());
            Expect.equal(
                    "frames of the table",
                    frames + expected,
                    world.machine().frames().sharedPages(World.GRANTER));
        }
    }

    private static void scribble(World world, int ref, int word) {
        world.machine().memory().store16(world.granter().entry(ref).marksAddress(), (short) word);
    }

    private static void expectWord(World world, int ref, int expected) {
        long word = world.machine().memory().load16(world.granter().entry(ref).marksAddress()) & 0xffff;
        Expect.bits("status word of reference " + ref, 0xffff, expected, word);
    }

    private static MapCall map(World world, int ref, int slot) {
        return MapCall.of(World.GRANTER, ref).at(world.grantee().slot(slot));
    }
}
