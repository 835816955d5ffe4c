package grantlab.conformance.script;

import grantlab.api.abi.Domctl;
import grantlab.api.abi.GnttabDomctl;
import grantlab.api.abi.GnttabPolicy;
import grantlab.api.abi.GnttabQuota;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.VdomidBind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The toolstack's calls of grants v3: {@code vdomid_bind}, {@code gnt_quota}, {@code gnt_policy}. */
final class DomctlVerb implements Verb {
    private static final String OUT = "out";

    private final int command;
    private final List<Field> fields;
    private final boolean tellsEpoch;

    /** A field of the payload. */
    private record Field(String name, int offset, int bytes, Operand operand) {}

    private DomctlVerb(int command, boolean tellsEpoch, Field... fields) {
        this.command = command;
        this.tellsEpoch = tellsEpoch;
        this.fields = List.of(fields);
    }

    private static Field domain(String name, int offset) {
        return new Field(name, offset, Short.BYTES, Operand.DOMAIN);
    }

    private static Field number(String name, int offset, int bytes) {
        return new Field(name, offset, bytes, Operand.NUMBER);
    }

    /** {@code vdomid_bind}: tells the epoch, and keeps it where it is told. */
    static DomctlVerb bind() {
        return new DomctlVerb(
                GnttabDomctl.VDOMID_BIND,
                true,
                domain("owner", VdomidBind.OWNER),
                number("vdomid", VdomidBind.VDOMID, Short.BYTES),
                domain("real", VdomidBind.REAL),
                number("flags", VdomidBind.FLAGS, Short.BYTES));
    }

    /** {@code gnt_quota}. */
    static DomctlVerb quota() {
        return new DomctlVerb(
                GnttabDomctl.GNT_QUOTA,
                false,
                domain("domid", GnttabQuota.DOMID),
                number("trees", GnttabQuota.TREES, Short.BYTES),
                number("share", GnttabQuota.SHARE, Integer.BYTES),
                number("pages", GnttabQuota.PAGES, Long.BYTES));
    }

    /** {@code gnt_policy}. */
    static DomctlVerb policy() {
        return new DomctlVerb(
                GnttabDomctl.GNT_POLICY,
                false,
                domain("domid", GnttabPolicy.DOMID),
                number("fates", GnttabPolicy.FATES, Integer.BYTES));
    }

    @Override
    public Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>();
        fields.forEach(field -> keys.put(field.name(), field.operand()));
        if (tellsEpoch) {
            keys.put(OUT, Operand.VARIABLE);
        }
        return keys;
    }

    @Override
    public void execute(Operation operation) {
        ArgumentPages arguments = operation.executor.arguments();
        ArgumentStruct struct = arguments.blank(Domctl.SIZE);
        struct.set(Domctl.CMD, Integer.BYTES, command);
        for (Field field : fields) {
            struct.set(Domctl.PAYLOAD + field.offset(), field.bytes(), value(operation.operands, field));
        }
        arguments.write(struct);
        long rc = operation.hypercall(Hypercall.DOMCTL, arguments.address(), 0, 0);
        operation.result.rc(rc);
        if (rc == 0 && tellsEpoch) {
            long epoch = arguments.read(Domctl.SIZE).get(Domctl.PAYLOAD + VdomidBind.EPOCH, Integer.BYTES);
            operation.result.decimal("epoch", epoch);
            operation.operands.keep(OUT, epoch);
        }
    }

    private static long value(Operands operands, Field field) {
        return field.operand() == Operand.DOMAIN ? operands.domain(field.name(), 0) : operands.number(field.name(), 0);
    }
}
