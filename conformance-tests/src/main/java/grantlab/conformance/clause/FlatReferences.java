package grantlab.conformance.clause;

import grantlab.api.abi.Gntmap;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Revoke;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.Reachability;
import grantlab.conformance.World;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** What clauses about references of flat tables that are taken back do and expect. */
final class FlatReferences {
    static final int REF = 9;
    static final int MARKS = Gtf.READING | Gtf.WRITING;
    static final int FAULT = 1 << V3Revoke.CPU_FAULT;
    static final int BOTH_PARTS = Gntmap.HOST_MAP | Gntmap.DEVICE_MAP;

    private static final int GARBAGE = 7;

    private FlatReferences() {}

    static V3Call revocation(long first, long count) {
        return V3Call.of(V3Form.REVOKE)
                .and(V3Revoke.FORCE)
                .with(V3Revoke.SCRATCH_GFN, V3Revoke.NO_SCRATCH)
                .with(V3Revoke.FIRST, first)
                .with(V3Revoke.COUNT, count);
    }

    /** The same by asking, with something in the fields of the answer. */
    static V3Call asking(long first, long count) {
        return revocation(first, count)
                .with(V3Head.FLAGS, V3Revoke.SOFT)
                .with(V3Revoke.REVOKE_ID, GARBAGE)
                .with(V3Revoke.UNMAPPED, GARBAGE)
                .with(V3Revoke.REPLACED, GARBAGE)
                .with(V3Revoke.RESULT, GARBAGE);
    }

    /** Nothing is taken, and nothing has a name. */
    static void expectAsked(World world, V3Call request, int result) {
        V3Answer answer = world.granter().call(request);
        Expect.okay(answer);
        Expect.equal("result", result, answer.get(V3Revoke.RESULT));
        Expect.equal("mappings removed", 0, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("mappings replaced", 0, answer.get(V3Revoke.REPLACED));
        Expect.equal("name", 0, answer.get(V3Revoke.REVOKE_ID));
        Expect.equal("done", request.get(V3Revoke.COUNT), answer.get(V3Revoke.DONE));
    }

    static void expectTaken(World world, V3Call revocation, int mappings) {
        V3Answer answer = world.granter().call(revocation);
        Expect.okay(answer);
        Expect.equal("mappings removed", mappings, answer.get(V3Revoke.UNMAPPED));
        Expect.equal("result", 0, answer.get(V3Revoke.RESULT));
    }

    static V3Call fates(int fates) {
        return V3Call.of(V3Form.GRANTEE_CTL)
                .with(V3Head.FLAGS, V3GranteeCtl.LEGACY_FATES_SET)
                .with(V3GranteeCtl.LEGACY_FATES, fates);
    }

    static void agree(Party grantee) {
        Expect.okay(grantee.call(fates(FAULT)));
    }

    static Mapped map(Party grantee, long ref, int slot) {
        return map(grantee, MapCall.of(World.GRANTER, ref).at(grantee.slot(slot)));
    }

    static Mapped map(Party grantee, MapCall call) {
        Mapped mapped = grantee.call(call);
        Expect.okay(mapped);
        return mapped;
    }

    static void unmap(Party grantee, Mapped mapped, int slot) {
        Expect.okay(grantee.call(UnmapCall.of(mapped.handle()).at(grantee.slot(slot))));
    }

    /** Nobody but the granter reaches a page of its, which has the references it had. */
    static void expectPrivate(World world, int page, long references) {
        Reachability.expectPrivate(world, World.GRANTER, world.granter().machineFrame(page));
        Expect.equal("references of page " + page, references, world.references(page));
    }

    /** Nothing is granted any more, and whether it still is to be acknowledged. */
    static void expectEntry(World world, int ref, int marks) {
        int flags = world.granter().entry(ref).flags();
        Expect.equal("type of entry " + ref, 0, flags & Gtf.TYPE_MASK);
        Expect.bits("entry " + ref, MARKS, marks, flags);
    }

    static void refuse(World world, int status, V3Call call) {
        Expect.status(status, world.granter().call(call));
    }
}
