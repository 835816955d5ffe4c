package grantlab.hypervisor.operation;

import grantlab.api.Access;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;

/** What a use of a granted frame holds besides its reference: the writable type, where the rule asks for it (3.7). */
public enum FrameUse {
    /** By a device: a writer always holds the type. */
    DEVICE {
        @Override
        boolean holdsType(int access, Domain granter, Domain grantee) {
            return Access.writes(access);
        }
    },

    /** By the CPU: not for a frame of another translated domain, whose own mappings hold none either. */
    HOST {
        @Override
        boolean holdsType(int access, Domain granter, Domain grantee) {
            return Access.writes(access) && (!granter.translated() || granter == grantee);
        }
    };

    abstract boolean holdsType(int access, Domain granter, Domain grantee);

    /** Whether any use of this kind between two domains holds the type. */
    public boolean mayHoldType(Domain granter, Domain grantee) {
        return holdsType(Access.READ | Access.WRITE, granter, grantee);
    }

    /**
     * Takes the type, if the rule asks for it.
     *
     * @return false when the frame is something else, a page table say
     */
    public boolean holdType(FrameTable frames, long frame, int access, Domain granter, Domain grantee) {
        return !holdsType(access, granter, grantee) || frames.getType(frame, FrameTable.TYPE_WRITABLE);
    }

    /** Drops the type, if the rule asked for it. */
    public void releaseType(FrameTable frames, long frame, int access, Domain granter, Domain grantee) {
        if (holdsType(access, granter, grantee)) {
            frames.putType(frame);
        }
    }

    /** Drops type and reference. */
    public void release(FrameTable frames, long frame, int access, Domain granter, Domain grantee) {
        releaseType(frames, frame, access, granter, grantee);
        frames.put(frame, Page.ORDER_4K);
    }
}
