package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.Answer;
import grantlab.conformance.call.CopyCall;

/**
 * Copies of a guest's through one reference, between the same offsets of both pages.
 *
 * @param user who copies
 * @param granter whose reference it is
 * @param ref the reference
 */
record Through(Party user, int granter, long ref) {
    /** The page that copies out of a grant go to. */
    static final int OUT = 1;

    /** The page that copies into a grant come from. */
    static final int IN = 2;

    /** The grantee's, through a reference of the granter's. */
    static Through of(World world, long ref) {
        return new Through(world.grantee(), World.GRANTER, ref);
    }

    Answer out(int offset, int length) {
        return user.call(outCall(offset, length));
    }

    CopyCall outCall(int offset, int length) {
        return CopyCall.from(CopyCall.of(granter, ref, offset), CopyCall.own(user.pageFrame(OUT), offset), length);
    }

    Answer in(int offset, int length) {
        return user.call(inCall(offset, length));
    }

    CopyCall inCall(int offset, int length) {
        return CopyCall.to(CopyCall.own(user.pageFrame(IN), offset), CopyCall.of(granter, ref, offset), length);
    }

    /** The first word arrives in both directions. */
    void works(Party owner, int page) {
        owner.store(owner.page(page), ref + 1);
        Expect.okay(out(0, Long.BYTES));
        Sight.value(user, user.page(OUT), ref + 1);
        user.store(user.page(IN), ref + 2);
        Expect.okay(in(0, Long.BYTES));
        Sight.value(owner, owner.page(page), ref + 2);
    }

    /** Neither direction works. */
    void refused(int status) {
        Expect.status(status, out(0, Long.BYTES));
        Expect.status(status, in(0, Long.BYTES));
    }

    /** It can be read and not written. */
    void readOnly() {
        Expect.okay(out(0, Long.BYTES));
        Expect.status(Status.GENERAL_ERROR, in(0, Long.BYTES));
    }
}
