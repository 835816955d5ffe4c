package grantlab.conformance.script;

import grantlab.hypervisor.domain.DomainInfo;
import java.util.Map;

/** {@code dominfo}: XEN_DOMCTL_getdomaininfo. */
final class DominfoVerb implements Verb {
    @Override
    public Map<String, Operand> keys() {
        return Map.of("dom", Operand.DOMAIN);
    }

    @Override
    public void execute(Operation operation) {
        DomainInfo info = operation.world.machine().domainInfo(operation.operands.domain("dom", 1));
        Result result = operation.result;
        result.rc(info.rc());
        if (info.rc() == 0) {
            result.decimal("dying", info.dying() ? 1 : 0);
            result.decimal("shutdown", info.shutdown() ? 1 : 0);
            result.decimal("pages", info.pages());
        }
    }
}
