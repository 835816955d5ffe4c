package grantlab.conformance.clause;

import static grantlab.conformance.clause.FlatReferences.BOTH_PARTS;
import static grantlab.conformance.clause.FlatReferences.MARKS;
import static grantlab.conformance.clause.FlatReferences.REF;
import static grantlab.conformance.clause.FlatReferences.agree;
import static grantlab.conformance.clause.FlatReferences.expectEntry;
import static grantlab.conformance.clause.FlatReferences.expectPrivate;
import static grantlab.conformance.clause.FlatReferences.expectTaken;
import static grantlab.conformance.clause.FlatReferences.fates;
import static grantlab.conformance.clause.FlatReferences.map;
import static grantlab.conformance.clause.FlatReferences.revocation;
import static grantlab.conformance.clause.FlatReferences.unmap;

import grantlab.api.Status;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Revoke;
import grantlab.conformance.Clause;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.PartyDevice;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapAndReplaceCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import java.util.ArrayList;
import java.util.List;

/** Parts of pages, grants of grants, parts for devices, replaced mappings. */
@Needs(format = "layout-tree")
@Concerns(Member.SEARCH)
final class FlatUses {
    /** How often a clause looks for what another thread is about to do. */
    private static final int LOOKS = 1_000_000;

    /** More than are taken between two flushes. */
    private static final int HANDLES = 38;

    /** As many more as there are slots. */
    private static final int SETS = 26;

    private static final long GREETING = 0x6772_616e_746c_6162L;

    @Clause(
            id = "FLAT-07",
            promise =
                    "Parts of pages and grants of grants are only copied, and nobody has to agree for that: their entries grant"
                            + " nothing any more.",
            source = "grant-v3.md, 8.2, Slot 0")
    void partsAndHops(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        Party third = world.third();
        FlatVersions.use(world, 2);
        EntriesV2.part(granter, REF, World.GRANTEE, 0, 0, 64);
        third.entry(REF)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        EntriesV2.hop(granter, REF + 1, World.GRANTEE, World.THIRD, REF);
        List<CopyCall> copies = new ArrayList<>();
        for (int ref = REF; ref < REF + 2; ref++) {
            copies.add(CopyCall.from(CopyCall.of(World.GRANTER, ref, 0), CopyCall.own(grantee.pageFrame(1), 0), 8));
        }
        for (CopyCall copy : copies) {
            Expect.okay(grantee.call(copy));
        }
        expectTaken(world, revocation(REF, 2), 0);
        expectEntry(world, REF, 0);
        expectEntry(world, REF + 1, 0);
        for (CopyCall copy : copies) {
            Expect.status(Status.GENERAL_ERROR, grantee.call(copy));
        }
        world.machine().checkInvariants();
    }

    @Needs(grantee = "device-mappings")
    @Clause(
            id = "FLAT-08",
            promise =
                    "Both parts of a mapping for CPU and device are taken, and each is acknowledged for itself; a mapping for devices"
                            + " alone needs no consent.",
            source = "grant-v3.md, 8.1, 8.2")
    void forDevices(World world) {
        Party grantee = world.grantee();
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            long types = world.machine().frames().typeUses(world.granter().machineFrame(0));
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 0, 0);
            agree(grantee);
            Mapped both = map(
                    grantee, MapCall.of(World.GRANTER, REF).at(grantee.slot(0)).flags(BOTH_PARTS));
            expectTaken(world, revocation(REF, 1), 1);
            Sight.nothing(grantee, grantee.slot(0));
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).at(grantee.slot(0))));
            expectEntry(world, REF, MARKS);
            world.machine().checkInvariants();
            Expect.okay(grantee.call(UnmapCall.of(both.handle()).device(both.deviceAddress())));
            expectEntry(world, REF, 0);
            Expect.okay(grantee.call(fates(0)));
            Mapped device = map(grantee, MapCall.of(World.GRANTER, REF + 1).flags(Gntmap.DEVICE_MAP));
            expectTaken(world, revocation(REF + 1, 1), 1);
            expectPrivate(world, 0, references);
            Expect.equal(
                    "uses of its type",
                    types,
                    world.machine().frames().typeUses(world.granter().machineFrame(0)));
            Expect.okay(grantee.call(UnmapCall.of(device.handle()).device(device.deviceAddress())));
            world.machine().checkInvariants();
        });
    }

    @Needs(iommu = DeviceSight.CONFINED)
    @Concerns(Member.IOMMU)
    @Clause(
            id = "FLAT-44",
            promise =
                    "Whoever unmaps a handle while a device ends an access to what is taken from it is told GNTST_eagain, and acknowledges"
                            + " it when that is over.",
            source = "grant-v3.md, 8.2, phases 4 and 7")
    void notYet(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.use(world, 1);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        Mapped mapped = map(grantee, REF, 0);
        grantee.store(grantee.slot(0), GREETING);
        PartyDevice device = grantee.device(0);
        device.beginWrite(grantee.translated() ? grantee.slot(0) : mapped.deviceAddress());
        Meeting meeting = new Meeting();
        Expect.holdsNot(
                "it is taken while the device writes",
                meeting.returnsMeanwhile(() -> expectTaken(world, revocation(REF, 1), 1)));
        for (int look = 0; look < LOOKS && sees(grantee, GREETING); look++) {
            Race.giveWay();
        }
        Sight.nothing(grantee, grantee.slot(0));
        UnmapCall unmap = UnmapCall.of(mapped.handle()).at(grantee.slot(0));
        Expect.status(Status.EAGAIN, grantee.call(unmap));
        world.step("the device ends its access");
        Expect.equal("fault of the write that was under way", 0, device.finishWrite(UnderWay.VALUE));
        meeting.join();
        expectPrivate(world, 0, references);
        expectEntry(world, REF, MARKS);
        Expect.okay(grantee.call(unmap));
        expectEntry(world, REF, 0);
        world.machine().checkInvariants();
    }

    @Clause(
            id = "FLAT-45",
            promise = "However many handles and mappings through slot 0 a reference has, one call takes them all, and"
                    + " each is acknowledged by itself.",
            source = "grant-v3.md, 8.2, phases 3 to 7")
    void all(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            long references = world.references(0);
            FlatVersions.grant(world, version, REF, 0, 0);
            List<Mapped> handles = new ArrayList<>();
            List<V3Answer> sets = new ArrayList<>();
            for (int n = 0; n < HANDLES; n++) {
                handles.add(map(grantee, REF, n));
            }
            for (int n = 0; n < SETS; n++) {
                sets.add(driver.hold(REF, HANDLES + n, V3Map.WRITE | V3Map.ACCEPT_FAULT));
            }
            V3Answer taken = world.granter().call(revocation(REF, 1));
            Expect.okay(taken);
            Expect.equal("mappings removed", HANDLES + SETS, taken.get(V3Revoke.UNMAPPED));
            Expect.different("name of the revocation", 0L, taken.get(V3Revoke.REVOKE_ID));
            expectPrivate(world, 0, references);
            for (int n = 0; n < HANDLES + SETS; n++) {
                Sight.nothing(grantee, grantee.slot(n));
            }
            for (int n = 0; n < HANDLES; n++) {
                unmap(grantee, handles.get(n), n);
            }
            expectEntry(world, REF, MARKS);
            sets.forEach(driver::letGo);
            expectEntry(world, REF, 0);
            world.machine().checkInvariants();
        });
    }

    private static boolean sees(Party grantee, long value) {
        return grantee.tryLoad(grantee.slot(0)) == 0 && grantee.vcpu().value() == value;
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FLAT-09",
            promise =
                    "unmap_and_replace acknowledges too, and replaces nothing: what the grantee put at either address stays.",
            source = "grant-v3.md, 8.2, Slot 0")
    void replaced(World world) {
        Party grantee = world.grantee();
        agree(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 1, 0);
            Mapped mapped = map(grantee, REF, 0);
            expectTaken(world, revocation(REF, 1), 1);
            world.step("the grantee uses the place for something else");
            Mapped other = map(grantee, REF + 1, 0);
            grantee.store(grantee.slot(0), 77);
            Expect.okay(grantee.call(new UnmapAndReplaceCall(mapped.handle(), grantee.slot(0), grantee.page(7))));
            Sight.value(grantee, grantee.slot(0), 77);
            Sight.value(grantee, grantee.page(7), 0);
            expectEntry(world, REF, 0);
            unmap(grantee, other, 0);
            world.machine().checkInvariants();
        });
    }
}
