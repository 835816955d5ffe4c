package grantlab.conformance.clause;

import grantlab.api.Errno;
import grantlab.api.abi.AddToPhysmapBatch;
import grantlab.api.abi.Domid;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MemoryOp;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Concerns;
import grantlab.conformance.Expect;
import grantlab.conformance.Member;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.hypervisor.domain.DomainConfig;

/** Memory of another domain by its frame number: what a privileged domain may, whom nobody asks. */
@Concerns(Member.IOMMU)
public final class ForeignClauses implements ClauseFamily {
    private static final int MODEL = 7;
    private static final int OTHER_KIND = 8;
    private static final int NOBODY = 77;
    private static final int CALL_FAILED = -1000;
    private static final long VALUE = 0x666f_7265_6967_6e21L;
    private static final long PRESENT_WRITABLE = 7;
    private static final long PRESENT_READABLE = 5;
    private static final long NO_MEMORY = 1L << 46;

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
                    model.vcpu()
                            .hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, NO_MEMORY, entry, 0, World.GRANTER));
            Expect.rc(-Errno.EFAULT, model.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, NO_MEMORY, 0));
            return;
        }
        long at = batch(model, Domid.SELF, World.GRANTER, 1);
        model.vcpu().store(at + AddToPhysmapBatch.SPACE, 2, 9);
        Expect.rc(-Errno.ENOSYS, addBatch(model, at));
        model.vcpu().store(at + AddToPhysmapBatch.SPACE, 2, AddToPhysmapBatch.SPACE_GMFN_FOREIGN);
        model.store(at + AddToPhysmapBatch.IDXS, NO_MEMORY);
        Expect.rc(-Errno.EFAULT, addBatch(model, at));
        Expect.rc(
                -Errno.ENOSYS,
                model.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, model.slot(0), 7, 0, World.GRANTER));
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "FOREIGN-07",
            promise =
                    "XENMEM_add_to_physmap_batch asks who calls, for whom and of whom: neither may be missing, the one has a physical map"
                            + " and is another, and only a privileged caller may.",
            source = "xen/common/memory.c (XENMEM_add_to_physmap_batch); xen/arch/x86/mm/p2m.c (p2m_add_foreign)")
    void batchAsksWho(World world) {
        Party model = model(world);
        Party paravirtualized = world.boot(DomainConfig.usual(OTHER_KIND, "pv"));
        refusesBatch(model, -Errno.ESRCH, NOBODY, World.GRANTER);
        refusesBatch(model, -Errno.ESRCH, Domid.SELF, NOBODY);
        refusesBatch(model, -Errno.EACCES, paravirtualized.domid(), World.GRANTER);
        refusesBatch(model, -Errno.EINVAL, MODEL, MODEL);
        refusesBatch(world.grantee(), -Errno.EPERM, MODEL, World.GRANTER);
        refusesBatch(world.grantee(), -Errno.EPERM, Domid.SELF, World.GRANTER);
    }

    @Needs(grantee = "translated")
    @Clause(
            id = "FOREIGN-08",
            promise =
                    "Of a batch each frame has an answer of its own; a list that cannot be read or written ends it, and what was mapped"
                            + " before stays.",
            source = "xen/common/memory.c (xenmem_add_to_physmap_batch)")
    void batchAnswersEach(World world) {
        Party model = model(world);
        Party owner = world.granter();
        long at = batch(model, Domid.SELF, World.GRANTER, 2);
        long first = at + AddToPhysmapBatch.SIZE;
        model.store(at + AddToPhysmapBatch.IDXS, first);
        model.store(at + AddToPhysmapBatch.GPFNS, first + 2 * Long.BYTES);
        model.store(at + AddToPhysmapBatch.ERRS, first + 4 * Long.BYTES);
        model.store(first, (1L << 40) - 1);
        model.store(first + Long.BYTES, owner.pageFrame(0));
        model.store(first + 2 * Long.BYTES, Page.frame(model.slot(0)));
        model.store(first + 3 * Long.BYTES, Page.frame(model.slot(1)));
        owner.store(owner.page(0), VALUE);
        long references = world.references(0);
        Expect.rc(0, addBatch(model, at));
        Expect.equal(
                "an answer of the frame that there is not, and one of the other",
                Integer.toUnsignedLong(-Errno.EINVAL),
                model.load(first + 4 * Long.BYTES));
        Sight.nothing(model, model.slot(0));
        Sight.value(model, model.slot(1), VALUE);

        world.step("more than go at once");
        int many = 40;
        model.vcpu().store(at + AddToPhysmapBatch.COUNT, 2, many);
        model.store(at + AddToPhysmapBatch.GPFNS, first + (long) many * Long.BYTES);
        model.store(at + AddToPhysmapBatch.ERRS, first + 2L * many * Long.BYTES);
        for (int n = 0; n < many; n++) {
            model.store(first + (long) n * Long.BYTES, owner.pageFrame(0));
            model.store(first + (long) (many + n) * Long.BYTES, Page.frame(model.slot(n)));
        }
        Expect.rc(0, addBatch(model, at));
        for (int n = 0; n < many; n++) {
            Sight.value(model, model.slot(n), VALUE);
        }
        Expect.equal("references", references + many, world.references(0));

        world.step("no places, then nowhere for the answers");
        model.store(at + AddToPhysmapBatch.GPFNS, NO_MEMORY);
        Expect.rc(-Errno.EFAULT, addBatch(model, at));
        Expect.equal("references", references + many, world.references(0));
        model.store(at + AddToPhysmapBatch.GPFNS, first + (long) many * Long.BYTES);
        model.store(at + AddToPhysmapBatch.ERRS, NO_MEMORY);
        Expect.rc(-Errno.EFAULT, addBatch(model, at));
        Sight.value(model, model.slot(1), VALUE);
    }

    @Needs(grantee = "names-entries")
    @Clause(
            id = "FOREIGN-09",
            promise =
                    "do_update_va_mapping_otherdomain of the caller's own, or of an entry that is not present, is an update of the entry"
                            + " as ever; of another domain's frame to be read only, nothing can be written through it.",
            source = "xen/arch/x86/mm.c (do_update_va_mapping_otherdomain)")
    void updateOfOthersEntries(World world) {
        Party model = model(world);
        Party owner = world.granter();
        long references = world.references(0);
        owner.store(owner.page(0), VALUE);
        Expect.rc(-Errno.ESRCH, update(model, PRESENT_WRITABLE, NOBODY));
        Expect.rc(0, update(model, Page.address(owner.pageFrame(0)) | PRESENT_READABLE, World.GRANTER));
        Sight.value(model, model.slot(0), VALUE);
        Expect.holdsNot("written", model.tryStore(model.slot(0), VALUE + 1) == 0);
        Expect.equal("what the owner reads", VALUE, owner.load(owner.page(0)));
        Expect.rc(0, update(model, 0, World.GRANTER));
        Sight.nothing(model, model.slot(0));
        Expect.equal("references", references, world.references(0));
        model.store(model.page(1), VALUE);
        Expect.rc(0, update(model, Page.address(model.pageFrame(1)) | PRESENT_READABLE, Domid.SELF));
        Sight.value(model, model.slot(0), VALUE);
    }

    private static long update(Party model, long entry, int owner) {
        return model.vcpu().hypercall(Hypercall.UPDATE_VA_MAPPING_OTHERDOMAIN, model.slot(0), entry, 0, owner);
    }

    private static void refusesBatch(Party caller, long errno, int domid, int owner) {
        Expect.rc(errno, addBatch(caller, batch(caller, domid, owner, 1)));
    }

    private static long addBatch(Party caller, long at) {
        return caller.hypercall(Hypercall.MEMORY_OP, MemoryOp.ADD_TO_PHYSMAP_BATCH, at, 0);
    }

    /** A struct without its lists. @return where it is */
    private static long batch(Party caller, int domid, int owner, int count) {
        long at = caller.arguments();
        for (int n = 0; n < AddToPhysmapBatch.SIZE; n += Long.BYTES) {
            caller.store(at + n, 0);
        }
        caller.vcpu().store(at + AddToPhysmapBatch.DOMID, 2, domid);
        caller.vcpu().store(at + AddToPhysmapBatch.FOREIGN_DOMID, 2, owner);
        caller.vcpu().store(at + AddToPhysmapBatch.COUNT, 2, count);
        caller.vcpu().store(at + AddToPhysmapBatch.SPACE, 2, AddToPhysmapBatch.SPACE_GMFN_FOREIGN);
        return at;
    }
}
