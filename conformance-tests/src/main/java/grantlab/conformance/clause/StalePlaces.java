package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.AddToPhysmapCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.RemoveFromPhysmapCall;
import grantlab.conformance.call.UnmapCall;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.ArrayList;
import java.util.List;

/** What CPUs remember of places at which something else was put, and how often they are made to forget. */
final class StalePlaces {
    private static final int MODEL = 4;
    private static final int A_FLUSH = 32;

    @Needs(grantee = "translated")
    @Clause(
            id = "TLB-08",
            promise =
                    "A frame of its table that a guest puts over memory is seen at once by the CPU that had used the memory, and nothing is"
                            + " after its removal.",
            source = "xen-semantics.md, 2.13, 3.11")
    void tableFrameOverMemory(World world) {
        Party grantee = world.grantee();
        grantee.store(grantee.page(5), 41);
        Sight.value(grantee, grantee.page(5), 41);
        long gfn = grantee.pageFrame(5);
        long frame = grantee.domain().tableFrames().sharedFrame(0);
        world.machine().memory().store64(Page.address(frame) + Page.SIZE / 2, 42);
        Expect.rc(0, grantee.call(AddToPhysmapCall.sharedFrame(0, gfn)));
        Sight.value(grantee, grantee.page(5) + Page.SIZE / 2, 42);
        Expect.rc(0, grantee.call(new RemoveFromPhysmapCall(gfn)));
        Sight.nothing(grantee, grantee.page(5));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "TLB-09",
            promise =
                    "A page of another that a privileged guest puts over its memory is seen at once by the CPU that had used the memory.",
            source = "xen/include/public/memory.h (XENMAPSPACE_gmfn_foreign); xen-semantics.md, 3.11")
    void foreignPageOverMemory(World world) {
        String paging = world.combination().granteePaging().name();
        Party model = world.boot(DomainConfig.usual(MODEL, paging).withPrivilege());
        Party owner = world.granter();
        owner.store(owner.page(0), 42);
        model.store(model.page(5), 41);
        Sight.value(model, model.page(5), 41);
        long place = model.page(5);
        Expect.equal("mapping", 0, (long) model.kernel().mapForeign(World.GRANTER, owner.pageFrame(0), place));
        Sight.value(model, place, 42);
        model.store(place, 43);
        Sight.value(owner, owner.page(0), 43);
        Expect.equal("unmapping", 0, (long) model.kernel().unmapForeign(place));
        Sight.nothing(model, place);
    }

    @Needs(format = "flat-home")
    @DisturbedByDevices(DeviceSight.COUNTED)
    @Clause(
            id = "TLB-10",
            promise =
                    "A call that unmaps has its domain's CPUs forget once for each 32 of its elements, and not once for each.",
            source = "xen-semantics.md, 2.2 (phase 2: at most 32)")
    void onceForMany(World world) {
        Party grantee = world.grantee();
        for (int count : new int[] {1, 2, A_FLUSH, A_FLUSH + 1, 2 * A_FLUSH}) {
            List<UnmapCall> unmaps = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                Mapped mapped = grantee.call(MapCall.of(World.GRANTER, world.grant(n, Access.READ))
                        .at(grantee.slot(n))
                        .readonly());
                Expect.okay(mapped);
                unmaps.add(UnmapCall.of(mapped.handle()).at(grantee.slot(n)));
            }
            long before = grantee.domain().addressSpace().flushes();
            grantee.batch(unmaps).forEach(Expect::okay);
            long flushes = grantee.domain().addressSpace().flushes() - before;
            Expect.equal("flushes for " + count + " elements", (count + A_FLUSH - 1) / A_FLUSH, flushes);
            for (int n = 0; n < count; n++) {
                Expect.holds("ended", world.table().end(World.FIRST_INDEX + n));
            }
        }
    }
}
