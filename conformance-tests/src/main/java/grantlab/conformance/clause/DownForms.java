package grantlab.conformance.clause;

import grantlab.api.abi.V3SetAccess;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;

/** Downgrades, and what is expected of them. */
final class DownForms {
    private static final long COOKIE = 0x646f_776e_2121_2121L;

    private DownForms() {}

    static V3Call downgrade(RawTree tree, long first, long count) {
        return tree.naming(V3Form.SET_ACCESS)
                .with(V3SetAccess.ACCESS, V3SetAccess.READ_ONLY)
                .with(V3SetAccess.POLICY, V3SetAccess.POLICY_FAULT)
                .with(V3SetAccess.FIRST, first)
                .with(V3SetAccess.COUNT, count)
                .with(V3SetAccess.COOKIE, COOKIE);
    }

    static void expectDowngraded(World world, V3Call call) {
        V3Answer answer = world.granter().call(call);
        Expect.okay(answer);
        Expect.equal("pages done", call.get(V3SetAccess.COUNT), answer.get(V3SetAccess.DONE));
    }

    static FrameTable frames(World world) {
        return world.machine().frames();
    }
}
