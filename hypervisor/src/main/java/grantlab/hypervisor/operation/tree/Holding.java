package grantlab.hypervisor.operation.tree;

import grantlab.api.Access;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.operation.FrameUse;

/**
 * What a mapping through v3 holds on its frames: one reference for each part, and of a single page the writable type as for
 * every grant (xen-semantics 3.7). A block has one counter and no types: only memory without types is mapped so.
 */
final class Holding {
    private Holding() {}

    /**
     * Turns the reference of a pin into what the parts hold.
     *
     * @return false: nothing is held any more, the pin's reference neither
     */
    static boolean take(FrameTable frames, long frame, int order, int access, Domain granter, Domain grantee) {
        boolean both = (access & Access.HOST) != 0 && (access & Access.DEVICE) != 0;
        if (both && !frames.get(frame, order, granter.domid())) {
            frames.put(frame, order);
            return false;
        }
        if (order != Page.ORDER_4K) {
            return true;
        }
        if ((access & Access.HOST) != 0 && !FrameUse.HOST.holdType(frames, frame, access, granter, grantee)) {
            frames.put(frame, order);
            if (both) {
                frames.put(frame, order);
            }
            return false;
        }
        if ((access & Access.DEVICE) != 0 && !FrameUse.DEVICE.holdType(frames, frame, access, granter, grantee)) {
            if (both) {
                FrameUse.HOST.release(frames, frame, access, granter, grantee);
            }
            frames.put(frame, order);
            return false;
        }
        return true;
    }

    /** Drops what the parts of a use hold. */
    static void drop(FrameTable frames, long frame, int order, int access, Domain granter, Domain grantee) {
        if ((access & Access.HOST) != 0) {
            dropPart(frames, frame, order, FrameUse.HOST, access, granter, grantee);
        }
        if ((access & Access.DEVICE) != 0) {
            dropPart(frames, frame, order, FrameUse.DEVICE, access, granter, grantee);
        }
    }

    /** The parts of a use read from now on: of the writable type nothing is held. */
    static void downgrade(FrameTable frames, long frame, int order, int access, Domain granter, Domain grantee) {
        if (order == Page.ORDER_4K && (access & Access.HOST) != 0) {
            FrameUse.HOST.releaseType(frames, frame, access, granter, grantee);
        }
        if (order == Page.ORDER_4K && (access & Access.DEVICE) != 0) {
            FrameUse.DEVICE.releaseType(frames, frame, access, granter, grantee);
        }
    }

    private static void dropPart(
            FrameTable frames, long frame, int order, FrameUse part, int access, Domain granter, Domain grantee) {
        if (order == Page.ORDER_4K) {
            part.release(frames, frame, access, granter, grantee);
        } else {
            frames.put(frame, order);
        }
    }
}
