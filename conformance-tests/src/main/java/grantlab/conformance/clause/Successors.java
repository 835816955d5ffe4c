package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.List;

/** Domains that have the number of one that is gone. */
final class Successors {
    /** Why its number is not free. */
    private static final String LINGERS = "a page that devices reach keeps its dead owner, and so the owner's number";

    private static final int NUMBER = 4;
    private static final int OTHER = 5;
    private static final int REF = World.FIRST_INDEX;

    @Clause(
            id = "DEATH-15",
            promise =
                    "Each copy names its domains anew: after the death of one of the two there is none of that number, and then it is the new"
                            + " domain that has it.",
            source = "xen-semantics.md, 3.7, 2.7.3")
    void copiedFromTheSuccessor(World world) {
        Party grantee = world.grantee();
        String paging = world.combination().granteePaging().name();
        Party neighbour = world.boot(DomainConfig.usual(NUMBER, paging));
        CopyCall copy = CopyCall.from(CopyCall.of(NUMBER, REF, 0), CopyCall.own(grantee.pageFrame(0), 0), Long.BYTES);
        grantTo(neighbour, 42);
        Expect.okay(grantee.call(copy));
        Expect.equal("what is copied", 42L, grantee.load(grantee.page(0)));
        world.destroy(neighbour);
        Expect.status(Status.BAD_DOMAIN, grantee.call(copy));
        Party successor = world.boot(DomainConfig.usual(NUMBER, paging));
        Expect.status(Status.GENERAL_ERROR, grantee.call(copy));
        grantTo(successor, 43);
        Expect.okay(grantee.call(copy));
        Expect.equal("what is copied", 43L, grantee.load(grantee.page(0)));
        world.step("into a grant, and the writer's end is forgotten too");
        grantee.store(grantee.page(1), 44);
        CopyCall into = CopyCall.to(CopyCall.own(grantee.pageFrame(1), 0), CopyCall.of(NUMBER, REF, 0), Long.BYTES);
        Expect.okay(grantee.call(into));
        Expect.equal("what was copied", 44L, successor.load(successor.page(0)));
        world.destroy(successor);
        Expect.status(Status.BAD_DOMAIN, grantee.call(into));
    }

    /** Version 1, which every domain starts with. */
    private static void grantTo(Party party, long content) {
        party.store(party.page(0), content);
        long entry = party.kernel().tableFrame(0) + (long) REF * 8;
        party.store(entry, party.pageFrame(0) << Integer.SIZE | (long) World.GRANTEE << 16 | 1);
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = LINGERS, where = DeviceSight.BUS)
    @Clause(
            id = "DEATH-16",
            promise =
                    "A handle whose page table entry its owner had cleared, and whose granter is gone, is one for the granter's successor: it"
                            + " finds nothing there, or unmaps a mapping of the same reference and right, whose own handle finds nothing then.",
            source = "xen/common/grant_table.c, unmap_common (rd by the domid of the handle)")
    void handleOfTheDead(World world) {
        Party grantee = world.grantee();
        String paging = world.combination().granteePaging().name();
        Party granter = world.boot(DomainConfig.usual(NUMBER, paging));
        grantTo(granter, 42);
        Mapped old = grantee.call(MapCall.of(NUMBER, REF).at(grantee.slot(0)));
        Expect.okay(old);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
        world.destroy(granter);
        Party successor = world.boot(DomainConfig.usual(NUMBER, paging));
        UnmapCall unmapping = UnmapCall.of(old.handle());
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmapping.at(grantee.slot(0))));
        long frame = successor.machineFrame(0);
        long references = world.machine().frames().references(frame);
        grantTo(successor, 43);
        world.step("a mapping of another right is none for it");
        Mapped reader = grantee.call(MapCall.of(NUMBER, REF).at(grantee.slot(1)).readonly());
        Expect.okay(reader);
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmapping.at(grantee.slot(1))));
        Sight.value(grantee, grantee.slot(1), 43);
        world.step("one of the same right is, at its own place");
        Mapped writer = grantee.call(MapCall.of(NUMBER, REF).at(grantee.slot(2)));
        Expect.okay(writer);
        Expect.status(Status.GENERAL_ERROR, grantee.call(unmapping.at(grantee.slot(3))));
        Sight.value(grantee, grantee.slot(2), 43);
        Expect.okay(grantee.call(unmapping.at(grantee.slot(2))));
        Sight.nothing(grantee, grantee.slot(2));
        Expect.bits(
                "entry",
                Gtf.READING | Gtf.WRITING,
                Gtf.READING,
                successor.entry(REF).flags());
        Expect.status(
                Status.GENERAL_ERROR, grantee.call(UnmapCall.of(writer.handle()).at(grantee.slot(2))));
        Expect.okay(grantee.call(UnmapCall.of(reader.handle()).at(grantee.slot(1))));
        Expect.bits("entry", Gtf.READING | Gtf.WRITING, 0, successor.entry(REF).flags());
        Expect.equal("references", references, world.machine().frames().references(frame));
    }

    @Needs(grantee = "names-entries")
    @DisturbedByDevices(value = LINGERS, where = DeviceSight.BUS)
    @Clause(
            id = "DEATH-17",
            promise =
                    "Such a handle crashes its owner while nobody has the number of the dead granter; the elements before it are done, and their"
                            + " granter may end the entry.",
            source = "xen/common/grant_table.c, unmap_common (could not find domain)")
    void handleOfNobody(World world) {
        Party grantee = world.grantee();
        String paging = world.combination().granteePaging().name();
        Party granter = world.boot(DomainConfig.usual(NUMBER, paging));
        grantTo(granter, 42);
        Mapped old = grantee.call(MapCall.of(NUMBER, REF).at(grantee.slot(0)));
        Expect.okay(old);
        Party other = world.boot(DomainConfig.usual(OTHER, paging));
        grantTo(other, 43);
        long references = world.machine().frames().references(other.machineFrame(0));
        Mapped good = grantee.call(MapCall.of(OTHER, REF).at(grantee.slot(1)));
        Expect.okay(good);
        Expect.rc(0, grantee.updateEntry(grantee.slot(0), 0));
        world.destroy(granter);
        UnmapCall first = UnmapCall.of(good.handle()).at(grantee.slot(1));
        Expect.crashed(grantee.batch(List.of(first, UnmapCall.of(old.handle()).at(grantee.slot(0)), first))
                .getFirst()
                .rc());
        Expect.equal("references", references, world.machine().frames().references(other.machineFrame(0)));
        Expect.bits("entry", Gtf.READING | Gtf.WRITING, 0, other.entry(REF).flags());
    }
}
