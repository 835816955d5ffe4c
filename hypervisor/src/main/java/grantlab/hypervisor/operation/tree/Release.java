package grantlab.hypervisor.operation.tree;

import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.operation.FrameUse;

/** What a place held is dropped: of a page as for every grant; of a large block its one reference, which is untyped. */
final class Release {
    private Release() {}

    static void place(FrameTable frames, long frame, int order, int access, Domain granter, Domain grantee) {
        if (order == Page.ORDER_4K) {
            FrameUse.HOST.release(frames, frame, access, granter, grantee);
        } else {
            frames.put(frame, order);
        }
    }
}
