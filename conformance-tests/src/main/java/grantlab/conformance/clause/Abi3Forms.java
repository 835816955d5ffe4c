package grantlab.conformance.clause;

import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3SetAccess;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.memory.Page;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import java.util.List;

/** Calls that are sound but for what a clause makes wrong in them. */
final class Abi3Forms {
    private Abi3Forms() {}

    /** A call that succeeds whenever it is made: the tree is paused once more. */
    static V3Call pause(World world) {
        return RawTree.of(world).naming(V3Form.TREE_UPDATE).and(V3TreeUpdate.PAUSE);
    }

    /** A call with this struct that succeeds, once. */
    static V3Call sound(World world, V3Form form) {
        return switch (form) {
            case TREE_CREATE ->
                RawTree.creation(world, 2)
                        .with(
                                V3TreeCreate.ROOT_GFN,
                                world.granter()
                                        .kernel()
                                        .frameOf(world.granter().kernel().allocatePages(Page.ORDER_4K)));
            case TREE_UPDATE -> pause(world);
            case INVALIDATE ->
                RawTree.of(world.granter(), RawTree.creation(world, 2))
                        .naming(form)
                        .with(V3Invalidate.LEVEL, 2);
            case QUERY, GRANTEE_CTL -> V3Call.of(form);
            case RING_REGISTER -> RingForms.registration(world.granter());
            case REVOKE -> RevokeForms.revocation(RevokeForms.revocable(world), 0, 1);
            case SET_ACCESS -> RawTree.of(world).naming(form).with(V3SetAccess.COUNT, 1);
            case SYNC -> RawTree.of(world).naming(form).with(V3Sync.COUNT, 1);
            case PROBE ->
                V3Call.of(form)
                        .with(V3Probe.PEER, World.GRANTER)
                        .with(V3Probe.DEV_ID, V3Probe.ANY_DEVICE)
                        .with(V3Probe.COUNT, 1)
                        .with(V3Probe.RESULT_GFN, world.granter().pageFrame(3));
            default -> RawTree.of(world).naming(form);
        };
    }

    static List<V3Field> reserved(V3Form form) {
        return form.fields().stream()
                .filter(field -> field.direction() == V3Field.Direction.ZERO)
                .toList();
    }
}
