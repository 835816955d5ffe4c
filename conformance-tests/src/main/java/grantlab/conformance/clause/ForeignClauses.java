package grantlab.conformance.clause;

import grantlab.api.Errno;
import grantlab.api.abi.AddToPhysmapBatch;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.hypervisor.domain.DomainConfig;

/** Memory of another domain by its frame number: what a privileged domain may, whom nobody asks. */
@Concerns(Member.IOMMU)
public final class ForeignClauses implements ClauseFamily {
    private static final int MODEL = 7;
    private static final int CALL_FAILED = -1000;
    private static final long VALUE = 0x666f_7265_6967_6e21L;
    private static final long PRESENT_WRITABLE = 7;

    /** For ServiceLoader. */
    public ForeignClauses() {}

    @Override
    public String prefix() {
        return "FOREIGN";
    }

    @Override
    public String title() {
        return "Mappings by privilege";
    }

    /** A domain of device models, of the grantee's kind. */
    private static Party model(World world) {
        String paging = world.combination().granteePaging().name();
        return world.boot(DomainConfig.usual(MODEL, paging).withPrivilege());
    }

    private static int failed(int errno) {
        return CALL_FAILED - errno;
    }

    @Clause(
            id = "FOREIGN-01",
            promise =
                    "A privileged domain maps a page of another by its frame number, without a grant, reads and writes it, and holds a"
                            + " reference of its own until it unmaps; then it reaches it no more.",
            source = "xen/include/public/memory.h (XENMAPSPACE_gmfn_foreign); do_update_va_mapping_otherdomain")
    void mapsAndUnmaps(World world) {
        Party model = model(world);
        Party owner = world.granter();
        long references = world.references(0);
        owner.store(owner.page(0), VALUE);
        long slot = model.kernel().allocateSlot(Page.ORDER_4K);
        Expect.equal("mapping", 0, (long) model.kernel().mapForeign(World.GRANTER, owner.pageFrame(0), slot));
        Expect.equal("references", references + 1, world.references(0));
        Expect.equal("what the model reads", VALUE, model.load(slot));
        model.store(slot, VALUE + 1);
        Expect.equal("what the owner reads", VALUE + 1, owner.load(owner.page(0)));
        Expect.equal("unmapping", 0, (long) model.kernel().unmapForeign(slot));
        Expect.equal("references", references, world.references(0));
        Reachability.expectPrivate(world, World.GRANTER, owner.machineFrame(0));
    }

    @Clause(
            id = "FOREIGN-02",
            promise = "Nobody else may: an unprivileged domain is refused, and nothing is mapped.",
            source = "xen/include/xsm/dummy.h (map_gmfn_foreign, priv_mapping)")
    void unprivilegedIsRefused(World world) {
        Party grantee = world.grantee();
        long references = world.references(0);
        int answer = grantee.kernel().mapForeign(World.GRANTER, world.granter().pageFrame(0), grantee.slot(0));
        Expect.equal("mapping", failed(Errno.EPERM), (long) answer);
        Expect.equal("references", references, world.references(0));
        Sight.nothing(grantee, grantee.slot(0));
        Reachability.expectPrivate(world, World.GRANTER, world.granter().machineFrame(0));
    }

    @Clause(
            id = "FOREIGN-03",
            promise =
                    "Frames that are nobody's memory, and domains that there are not, are refused; so is a call for oneself.",
            source = "xen/arch/x86/mm/p2m.c (p2m_add_foreign)")
    void whatThereIsNot(World world) {
        Party model = model(world);
        long slot = model.slot(0);
        for (long frame : new long[] {Page.frame(world.granter().slot(7)), 0x7fff_ffffL, (1L << 40) - 1}) {
            Expect.holds(
                    "frame 0x" + Long.toHexString(frame) + " is refused",
                    model.kernel().mapForeign(World.GRANTER, frame, slot) != 0);
        }
        Expect.equal("of domain 999", failed(Errno.ESRCH), (long) model.kernel().mapForeign(999, 1, slot));
        Sight.nothing(model, slot);
    }

    @Clause(
            id = "FOREIGN-04",
            promise =
                    "A grant or a table frame is not handed on: only what the other domain owns as memory can be mapped.",
            source = "xen/arch/x86/mm/p2m.c (p2m_add_foreign)")
    void onlyOwnMemory(World world) {
        Party model = model(world);
        Party third = world.third();
        long theirs = third.machineFrame(0);
        long named = world.granter().translated() ? Page.frame(world.granter().slot(3)) : theirs;
        Expect.holds(
                "a frame that the domain does not own is refused",
                model.kernel().mapForeign(World.GRANTER, named, model.slot(0)) != 0);
        Reachability.expectPrivate(world, World.THIRD, theirs);
    }

    @Clause(
            id = "FOREIGN-05",
            promise =
                    "When the mapping domain dies, its references end; when the owner dies first, its page is not used again while it is"
                            + " mapped.",
            source = "xen/common/domain.c; xen-semantics.md, 5")
    void deaths(World world) {
        Party model = model(world);
        Party owner = world.granter();
        long references = world.references(0);
        Expect.equal("mapping", 0, (long) model.kernel().mapForeign(World.GRANTER, owner.pageFrame(0), model.slot(0)));
        world.destroy(model);
        Expect.equal("references", references, world.references(0));
        Reachability.expectPrivate(world, World.GRANTER, owner.machineFrame(0));
        Party another = model(world);
        long frame = owner.machineFrame(0);
        owner.store(owner.page(0), VALUE);
        Expect.equal(
                "mapping", 0, (long) another.kernel().mapForeign(World.GRANTER, owner.pageFrame(0), another.slot(0)));
        world.destroy(owner);
        Expect.equal("what the model still reads", VALUE, another.load(another.slot(0)));
        Expect.equal("owner of the frame", World.GRANTER, (long)
                world.machine().frames().owner(frame));
    }

    @Clause(
            id = "FOREIGN-06",
            promise =
                    "The calls refuse what they do not know: another space, lists that are not there, another kind of domain.",
            source = "xen/common/memory.c (XENMEM_add_to_physmap_batch)")
    void callsThatAreWrong(World world) {
        Party model = model(world);
        if (!model.translated()) {
            long entry = Page.address(world.granter().pageFrame(0)) | PRESENT_WRITABLE;
            Expect.rc(
                    -Errno.EINVAL,
                    model.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, 1L << 46, entry, 0, World.GRANTER));
            Expect.rc(-Errno.EFAULT, model.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, 1L << 46, 0));
            return;
        }
        long at = model.arguments();
        for (int n = 0; n < AddToPhysmapBatch.SIZE; n += Long.BYTES) {
            model.store(at + n, 0);
        }
        model.vcpu().store(at + AddToPhysmapBatch.DOMID, 2, 0x7ff0);
        model.vcpu().store(at + AddToPhysmapBatch.FOREIGN_DOMID, 2, World.GRANTER);
        model.vcpu().store(at + AddToPhysmapBatch.COUNT, 2, 1);
        model.vcpu().store(at + AddToPhysmapBatch.SPACE, 2, 9);
        Expect.rc(-Errno.ENOSYS, model.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, at, 0));
        model.vcpu().store(at + AddToPhysmapBatch.SPACE, 2, AddToPhysmapBatch.SPACE_GMFN_FOREIGN);
        model.store(at + AddToPhysmapBatch.IDXS, 1L << 46);
        Expect.rc(-Errno.EFAULT, model.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, at, 0));
        Expect.rc(
                -Errno.ENOSYS,
                model.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, model.slot(0), 7, 0, World.GRANTER));
    }
}
