package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.conformance.BothTables;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.ReservationCall;
import grantlab.conformance.call.TransferCall;

/** Advisories about GNTTABOP_transfer: the grantee gives pages to the granter, whose entries accept them. */
@Needs(format = {"flat-home", "transfer"})
final class XsaTransfer {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int REF = 8;
    private static final int GIVEN = 20;
    private static final int ROUNDS = 20;
    private static final long ABOVE_V1 = 1L << 32;

    private static void accept(Party receiver, long ref, int giver, int slot) {
        receiver.entry(ref)
                .set("frame", Page.frame(receiver.slot(slot)))
                .set("domid", giver)
                .set("flags", Gtf.ACCEPT_TRANSFER);
    }

    /** Whose page tables lead nowhere with it: only such a page can be given. */
    private static void loseOwnMapping(Party giver, int page) {
        Expect.rc(0, giver.updateEntry(giver.page(page), 0));
    }

    private static void expectOwned(World world, int owner, long mfn) {
        FrameTable frames = world.machine().frames();
        Expect.equal("owner", owner, frames.owner(mfn));
        Expect.equal("references", 1, frames.references(mfn));
        Expect.equal("type uses", 0, frames.typeUses(mfn));
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XSA-73",
            promise =
                    "Pages that are given away while the same domain and the receiver get and give memory: nobody waits for ever,"
                            + " and every page is somebody's, once.",
            source = "XSA-73, CVE-2013-4494")
    void orderOfLocks(World world) {
        Party giver = Traffic.twoCpus(world);
        Party receiver = world.granter();
        Cpu[] cpus = Traffic.cpus(world, giver);
        Cpu other = new Cpu(receiver.vcpu(), receiver.page(60));
        FrameTable frames = world.machine().frames();
        for (int n = 0; n < GIVEN; n++) {
            loseOwnMapping(giver, n);
            loseOwnMapping(giver, GIVEN + n);
            accept(receiver, REF + n, World.GRANTEE, n);
        }
        long given = frames.pages(World.GRANTEE);
        long received = frames.pages(World.GRANTER);
        Race.run(
                () -> {
                    for (int n = 0; n < GIVEN; n++) {
                        Expect.okay(cpus[0].call(new TransferCall(giver.pageFrame(n), World.GRANTER, REF + n)));
                    }
                },
                () -> {
                    for (int n = 0; n < GIVEN; n++) {
                        Expect.rc(
                                1,
                                cpus[1].call(ReservationCall.decrease(giver.pageFrame(GIVEN + n)))
                                        .rc());
                        Expect.rc(
                                1,
                                cpus[1].call(ReservationCall.populate(giver.pageFrame(GIVEN + n)))
                                        .rc());
                    }
                },
                () -> {
                    for (int n = 0; n < GIVEN; n++) {
                        Expect.rc(
                                1,
                                other.call(ReservationCall.populate(Page.frame(receiver.slot(GIVEN + n))))
                                        .rc());
                    }
                });
        Expect.equal("pages of the giver", given - GIVEN, frames.pages(World.GRANTEE));
        Expect.equal("pages of the receiver", received + 2 * GIVEN, frames.pages(World.GRANTER));
        for (int n = 0; n < GIVEN; n++) {
            expectOwned(world, World.GRANTER, giver.pageFrame(n));
        }
    }

    @Needs(grantee = "typed-frames")
    @Clause(
            id = "XSA-214",
            promise =
                    "A page that is a page table is not given away, and one that was carries nothing of it to its new owner.",
            source = "XSA-214, CVE-2017-8904")
    void typeStaysBehind(World world) {
        Party giver = world.grantee();
        Party receiver = world.granter();
        FrameTable frames = world.machine().frames();
        long mfn = giver.pageFrame(0);
        loseOwnMapping(giver, 0);
        accept(receiver, REF, World.GRANTEE, 0);
        TransferCall give = new TransferCall(mfn, World.GRANTER, REF);
        world.step("it is validated as a page table");
        Expect.holds("it can become a page table", frames.getType(mfn, FrameTable.TYPE_L1));
        Expect.status(Status.BAD_PAGE, giver.call(give));
        long table = Page.frame(giver.domain().addressSpace().entryAddress(giver.page(1)));
        Expect.status(Status.BAD_PAGE, giver.call(new TransferCall(table, World.GRANTER, REF)));
        Expect.equal("owner", World.GRANTEE, frames.owner(mfn));
        world.step("it was one");
        frames.putType(mfn);
        Expect.okay(giver.call(give));
        expectOwned(world, World.GRANTER, mfn);
        Expect.equal("type", FrameTable.TYPE_NONE, frames.type(mfn));
        Expect.holds("it can be written", frames.getType(mfn, FrameTable.TYPE_WRITABLE));
        frames.putType(mfn);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "XSA-217",
            promise = "No page is taken out of an HVM domain by transfer: whoever has it mapped would keep it.",
            source = "XSA-217, CVE-2017-10912")
    void notFromHvm(World world) {
        Party giver = world.grantee();
        FrameTable frames = world.machine().frames();
        long mfn = giver.machineFrame(0);
        long references = frames.references(mfn);
        giver.store(giver.page(0), 7);
        accept(world.granter(), REF, World.GRANTEE, 0);
        for (long name : new long[] {giver.pageFrame(0), mfn}) {
            Expect.rc(
                    -Errno.ENOSYS,
                    giver.call(new TransferCall(name, World.GRANTER, REF)).rc());
        }
        Expect.equal("owner", World.GRANTEE, frames.owner(mfn));
        Expect.equal("references", references, frames.references(mfn));
        Sight.value(giver, giver.page(0), 7);
        Expect.equal("flags", Gtf.ACCEPT_TRANSFER, world.granter().entry(REF).flags());
    }

    @Needs(grantee = "names-entries")
    @BothTables
    @Clause(
            id = "XSA-284",
            promise =
                    "Where a page is replaced because the receiver could not name it, the receiver is told the page that it got,"
                            + " holds it as any other, and the old one is free.",
            source = "XSA-284, CVE-2019-17340")
    void replacedPage(World world) {
        Party receiver = world.granter();
        FrameTable frames = world.machine().frames();
        long high = frames.allocateFrom(World.GRANTEE, Page.ORDER_4K, ABOVE_V1);
        world.machine().memory().store64(Page.address(high), 42);
        accept(receiver, REF, World.GRANTEE, 9);
        Expect.okay(world.grantee().call(new TransferCall(high, World.GRANTER, REF)));
        long got = receiver.translated()
                ? receiver.domain().physicalMap().machineFrame(Page.frame(receiver.slot(9)))
                : receiver.entry(REF).get("frame");
        expectOwned(world, World.GRANTER, got);
        Expect.equal("contents", 42, world.machine().memory().load64(Page.address(got)));
        if (got != high) {
            Expect.equal("owner of the page that was given", FrameTable.NO_OWNER, frames.owner(high));
        }
        Expect.rc(
                1,
                receiver.call(ReservationCall.decrease(receiver.translated() ? Page.frame(receiver.slot(9)) : got))
                        .rc());
        Expect.equal("owner of a page given back", FrameTable.NO_OWNER, frames.owner(got));
    }

    @Needs(granter = "names-entries")
    @BothTables
    @Clause(
            id = "XSA-287",
            promise =
                    "A page that is given away while somebody maps and copies it is never in between: it goes and nobody has it, or"
                            + " it stays.",
            source = "XSA-287, CVE-2019-17342")
    void givenWhileMapped(World world) {
        Party giver = world.granter();
        Party receiver = world.third();
        Driver driver = new Driver(world.grantee());
        Cpu cpu = new Cpu(giver.vcpu(), giver.page(60));
        for (int n = 0; n < ROUNDS; n++) {
            long mfn = giver.pageFrame(n);
            long ref = world.grant(n, READ_WRITE);
            loseOwnMapping(giver, n);
            accept(receiver, n, World.GRANTER, n);
            TransferCall give = new TransferCall(mfn, World.THIRD, n);
            Answer[] answer = new Answer[1];
            Race.run(() -> answer[0] = cpu.call(give), () -> Traffic.useAFewTimes(driver, ref));
            boolean gone = answer[0].status() == Status.OKAY;
            Expect.holds("given or kept", gone || answer[0].status() == Status.BAD_PAGE);
            expectOwned(world, gone ? World.THIRD : World.GRANTER, mfn);
            MappedGrant mapped = new MappedGrant();
            Expect.equal("map afterwards", gone ? Status.BAD_PAGE : 0, driver.tryMap(ref, 0, Access.READ, mapped));
            if (!gone) {
                driver.unmap(mapped);
            }
        }
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "XSA-385",
            promise =
                    "A domain has no more pages than it may, whatever it is given: the number does not run over, and what it"
                            + " cannot have is freed.",
            source = "XSA-385, CVE-2021-28706")
    void tooManyPages(World world) {
        FrameTable frames = world.machine().frames();
        long pages = frames.pages(World.GRANTER);
        for (long most : new long[] {pages + 1, Long.MAX_VALUE}) {
            Party receiver = Rebuilt.granter(world, config -> config.withMaxPages(most));
            Party giver = Rebuilt.grantee(world, config -> config);
            for (int n = 0; n < 3; n++) {
                loseOwnMapping(giver, n);
                accept(receiver, REF + n, World.GRANTEE, n);
                boolean fits = most != pages + 1 || n == 0;
                Answer given = giver.call(new TransferCall(giver.pageFrame(n), World.GRANTER, REF + n));
                Expect.status(fits ? Status.OKAY : Status.GENERAL_ERROR, given);
                Expect.equal(
                        "owner of the page",
                        fits ? World.GRANTER : FrameTable.NO_OWNER,
                        frames.owner(giver.pageFrame(n)));
            }
            Expect.equal("pages", pages + (most == pages + 1 ? 1 : 3), frames.pages(World.GRANTER));
        }
    }
}
