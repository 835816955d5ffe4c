package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.abi.V3Unmap;
import grantlab.api.memory.FrameTable;
import grantlab.hypervisor.caller.Caller;
import grantlab.hypervisor.caller.GuestArguments;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.operation.Pinning;
import grantlab.hypervisor.tree.Mapsets;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * v3_unmap (grant-v3.md, section 16): the whole of a mapping. The flush comes before the references, the references before
 * the bits that the granter sees.
 */
@Singleton
public final class UnmapLeaf {
    private final Elements elements;
    private final Reach reach;
    private final Pinning pinning;
    private final FrameTable frames;
    private final Elements.Element element = this::perform;

    @Inject
    UnmapLeaf(Elements elements, Reach reach, Pinning pinning, Ground ground) {
        this.elements = elements;
        this.reach = reach;
        this.pinning = pinning;
        this.frames = ground.frames();
    }

    /** Unmaps each element. @return zero or a negated errno */
    public long call(Caller caller, long address) {
        return elements.run(caller, address, V3Unmap.SIZE, element);
    }

    private void perform(Caller caller, GuestArguments arguments) {
        arguments.set32(V3Unmap.STATUS, unmap(caller, arguments));
    }

    private int unmap(Caller caller, GuestArguments arguments) {
        long handle = arguments.u64(V3Unmap.HANDLE);
        Mapsets mapsets = caller.domain().mapsets();
        Mapsets.Mapset mapset = mapsets.find(handle);
        if (mapset == null) {
            return Status.BAD_HANDLE;
        }
        if (arguments.u32(V3Unmap.FLAGS) != 0) {
            return Status.UNSUPPORTED;
        }
        if (arguments.u32(V3Unmap.FIRST) != 0 || arguments.u32(V3Unmap.COUNT) != 1L << mapset.order()) {
            return Status.BAD_SIZE;
        }
        if (mapsets.take(handle) == null) {
            return Status.BAD_HANDLE;
        }
        takeOut(caller.domain(), mapset);
        arguments.set32(V3Unmap.DONE, 1L << mapset.order());
        return Status.OKAY;
    }

    /** A grantee dies: what it has mapped through trees ends. What stands in its address space goes with that. */
    public void releaseAll(Domain grantee) {
        for (Mapsets.Mapset mapset : grantee.mapsets().all()) {
            unpin(mapset);
        }
    }

    private void takeOut(Domain grantee, Mapsets.Mapset mapset) {
        int removed = grantee.addressSpace().remove(mapset.place(), mapset.order(), mapset.frame());
        grantee.addressSpace().flush();
        Domain granter = reach.peer(mapset.granter());
        if (removed == Status.OKAY && granter != null) {
            Release.place(frames, mapset.frame(), mapset.order(), mapset.access(), granter, grantee);
        }
        unpin(mapset);
    }

    private void unpin(Mapsets.Mapset mapset) {
        pinning.unpin(
                mapset.tree().grants(),
                mapset.act(),
                mapset.key(),
                mapset.leafOrder(),
                mapset.access() & (Access.READ | Access.WRITE | Access.HOST));
    }
}
