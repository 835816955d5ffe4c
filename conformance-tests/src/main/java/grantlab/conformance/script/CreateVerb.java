package grantlab.conformance.script;

import grantlab.hypervisor.domain.DomainConfig;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code create}: a domain with 80 pages that runs script lines, or, with {@code run=0}, a domid with a table. */
final class CreateVerb implements Verb {
    /** Pages of a domain that runs: 64 to play with, 16 for itself. */
    private static final long PAGES = 80;

    private static final long DEFAULT_KIB = 4096;
    private static final int KIB_PER_PAGE_SHIFT = 2;
    private static final int DEFAULT_LIMIT = -1;
    private static final int DEFAULT_VERSION = 2;

    /** The bits in which XEN_DOMCTL_createdomain has the highest version. */
    private static final int VERSION_MASK = 0xf;

    @Override
    public Map<String, Operand> keys() {
        return Map.of(
                "dom", Operand.CREATED,
                "type", Operand.DOMAIN_TYPE,
                "run", Operand.SWITCH,
                "gframes", Operand.NUMBER,
                "maptrack", Operand.NUMBER,
                "gver", Operand.NUMBER,
                "kb", Operand.NUMBER);
    }

    @Override
    public void execute(Operation operation) {
        ScriptWorld world = operation.world;
        int domid = operation.operands.domain("dom", 1);
        if (domid < 1
                || domid >= ScriptWorld.DOMAINS
                || (world.context(domid).used() && !world.context(domid).dead())) {
            operation.result.word("n/a");
            return;
        }
        world.replace(Context.unused(domid));
        boolean translated = isTranslated(operation.line.argument("type"));
        int rc = world.machine().createDomain(config(operation.operands, domid, translated));
        if (rc != 0) {
            operation.result.rc(rc).word("at=createdomain");
        } else if (operation.operands.number("run", 1) == 0) {
            world.replace(Context.neverRuns(domid, translated));
            operation.result.rc(0);
        } else if (maxPages(operation.operands) < PAGES) {
            long populated = maxPages(operation.operands);
            operation.result.rc(populated == 0 ? -1 : populated).word("at=populate");
        } else {
            world.start(domid);
            operation.result.rc(0);
        }
    }

    private static boolean isTranslated(@Nullable String type) {
        return type != null && (type.startsWith("h") || type.equals("pvh"));
    }

    private static DomainConfig config(Operands operands, int domid, boolean translated) {
        return new DomainConfig(
                domid,
                translated ? ScriptWorld.TRANSLATED_PAGING : ScriptWorld.PV_PAGING,
                (int) operands.number("gframes", DEFAULT_LIMIT),
                (int) operands.number("maptrack", DEFAULT_LIMIT),
                (int) operands.number("gver", DEFAULT_VERSION) & VERSION_MASK,
                maxPages(operands),
                1,
                (int) operands.number("devices", 0),
                false);
    }

    private static long maxPages(Operands operands) {
        return operands.number("kb", DEFAULT_KIB) >>> KIB_PER_PAGE_SHIFT;
    }
}
