package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.abi.GnttabOp;
import grantlab.hypervisor.caller.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** The operations above Xen's own: they exist where a tree format is installed. */
@Singleton
public final class TreeOperations {
    private final TreeFormats formats;
    private final CreateTree create;
    private final DestroyTree destroy;
    private final MapLeaf map;
    private final UnmapLeaf unmap;
    private final CopyLeaf copy;

    @Inject
    TreeOperations(
            TreeFormats formats, CreateTree create, DestroyTree destroy, MapLeaf map, UnmapLeaf unmap, CopyLeaf copy) {
        this.formats = formats;
        this.create = create;
        this.destroy = destroy;
        this.map = map;
        this.unmap = unmap;
        this.copy = copy;
    }

    /**
     * Whether an operation is one of trees, and there are trees.
     *
     * @param command as the guest gave it
     * @return true: {@link #call} knows it
     */
    public boolean offers(int command) {
        return formats.installed()
                && switch (command) {
                    case GnttabOp.V3_TREE_CREATE,
                            GnttabOp.V3_TREE_DESTROY,
                            GnttabOp.V3_MAP,
                            GnttabOp.V3_UNMAP,
                            GnttabOp.V3_COPY -> true;
                    default -> false;
                };
    }

    /** One call; count must be 1. @return zero or a negated errno */
    public long call(Caller caller, int command, long address, int count) {
        if (count != 1) {
            return -Errno.EINVAL;
        }
        if (!caller.domain().addressSpace().mayHoldArguments(address, 1)) {
            return -Errno.EFAULT;
        }
        return switch (command) {
            case GnttabOp.V3_TREE_CREATE -> create.call(caller, address);
            case GnttabOp.V3_TREE_DESTROY -> destroy.call(caller, address);
            case GnttabOp.V3_MAP -> map.call(caller, address);
            case GnttabOp.V3_UNMAP -> unmap.call(caller, address);
            case GnttabOp.V3_COPY -> copy.call(caller, address);
            default -> -Errno.ENOSYS;
        };
    }
}
