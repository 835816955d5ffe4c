package grantlab.conformance.script;

import java.util.Map;

/** {@code destroy}: XEN_DOMCTL_destroydomain. */
final class DestroyVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("dom", Operand.DOMAIN);
    }

    @Override
    public void execute(Operation operation) {
        int domid = operation.operands.domain("dom", 1);
        Context context = operation.world.created(domid);
        if (context != null) {
            context.dies();
            operation.world.closeWindow(context);
        }
        operation.result.rc(operation.world.machine().destroyDomain(domid));
    }
}
