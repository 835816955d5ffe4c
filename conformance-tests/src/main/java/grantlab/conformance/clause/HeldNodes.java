package grantlab.conformance.clause;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Sync;
import grantlab.api.memory.FrameTable;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.List;

/** What calls hold while they look at leaves. */
@Needs(format = "layout-tree")
final class HeldNodes {
    private static final int INDEX = 5;
    private static final int RESULT = 50;

    @Clause(
            id = "TREE-55",
            promise =
                    "No call keeps a reference on a node: when it is over and nothing is remembered, each has those that it had.",
            source = "grant-v3.md, TLB-4, I8")
    void nothingStaysHeld(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RevokeForms.revocable(world);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long node = Reserves.machineFrame(granter, tree.node(1, INDEX));
        long held = references(world, node);
        V3Answer mapped = driver.hold(ref, 0, V3Map.WRITE | V3Map.ACCEPT_FAULT | V3Map.ACCEPT_DOWNGRADE);
        List<V3Call> ofGrantee = List.of(
                driver.copying(ref, 1, Long.BYTES),
                V3Call.of(V3Form.PROBE)
                        .with(V3Probe.PEER, World.GRANTER)
                        .with(V3Probe.MODE, V3Probe.RANGE)
                        .with(V3Probe.REF, ref)
                        .with(V3Probe.COUNT, 2)
                        .with(V3Probe.RESULT_GFN, grantee.pageFrame(RESULT)));
        List<V3Call> ofGranter = List.of(
                tree.naming(V3Form.SYNC).with(V3Sync.FIRST, INDEX).with(V3Sync.COUNT, 2),
                DownForms.downgrade(tree, INDEX, 2),
                RevokeForms.revocation(tree, INDEX, 2));
        for (V3Call call : ofGrantee) {
            Expect.okay(grantee.call(call));
        }
        for (V3Call call : ofGranter) {
            Expect.okay(granter.call(call));
        }
        driver.letGo(mapped);
        Expect.equal("references of the node", held, references(world, node));
    }

    private static long references(World world, long frame) {
        world.machine().dropCaches();
        FrameTable frames = world.machine().frames();
        return frames.references(frame);
    }
}
