package grantlab.conformance.script;

import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code create}: a domain with 80 pages, and blocks of 2 MiB, that runs script lines, or, with {@code run=0}, a domid with a
 * table.
 */
final class CreateVerb implements Verb {
    /** Pages of a domain that runs: 64 to play with, 16 for itself. */
    private static final long PAGES = 80;

    private static final String BLOCKS = "blocks";
    private static final String DEVICES = "devices";
    private static final long DEFAULT_KIB = 4096;
    private static final int KIB_PER_PAGE_SHIFT = 2;
    private static final int DEFAULT_LIMIT = -1;
    private static final int DEFAULT_VERSION = 2;

    /** The bits in which XEN_DOMCTL_createdomain has the highest version. */
    private static final int VERSION_MASK = 0xf;

    /** As many devices as XEN_DOMCTL_assign_device gives to one domain here. */
    private static final int MOST_DEVICES = 256;

    private static final Map<String, Operand> KEYS = Map.of(
            "dom", Operand.CREATED,
            "type", Operand.DOMAIN_TYPE,
            "run", Operand.SWITCH,
            "gframes", Operand.NUMBER,
            "maptrack", Operand.NUMBER,
            "gver", Operand.NUMBER,
            "kb", Operand.NUMBER);

    private final Map<String, Operand> keys;

    private CreateVerb(Map<String, Operand> keys) {
        this.keys = keys;
    }

    /** As scripts here have it. */
    static CreateVerb here() {
        Map<String, Operand> keys = new HashMap<>(KEYS);
        keys.put(BLOCKS, Operand.BLOCKS);
        keys.put(DEVICES, Operand.DEVICES);
        return new CreateVerb(Map.copyOf(keys));
    }

    /** As the recorder knows it. */
    static CreateVerb ofRecorder() {
        return new CreateVerb(KEYS);
    }

    @Override
    public Map<String, Operand> keys() {
        return keys;
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
        int blocks = translated ? (int) operation.operands.number(BLOCKS, 0) : 0;
        int rc = world.machine().createDomain(config(operation.operands, domid, translated));
        if (rc != 0) {
            operation.result.rc(rc).word("at=createdomain");
        } else if (operation.operands.number("run", 1) == 0) {
            world.replace(Context.neverRuns(domid, translated));
            operation.result.rc(0);
        } else if (maxPages(operation.operands) < PAGES + ((long) blocks << Page.ORDER_2M)) {
            long populated = Math.min(maxPages(operation.operands), PAGES);
            world.populate(domid, (int) populated);
            operation.result.rc(populated == 0 ? -1 : populated).word("at=populate");
        } else {
            world.start(domid, blocks);
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
                Math.clamp(operands.number(DEVICES, 0), 0, MOST_DEVICES),
                false);
    }

    private static long maxPages(Operands operands) {
        return operands.number("kb", DEFAULT_KIB) >>> KIB_PER_PAGE_SHIFT;
    }
}
