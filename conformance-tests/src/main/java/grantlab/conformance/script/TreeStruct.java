package grantlab.conformance.script;

import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.memory.Page;
import grantlab.conformance.call.V3Field;
import grantlab.conformance.call.V3Form;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * How a struct of grants v3 is written in a line and told in an answer: its fields by their names in the specification. What a line
 * does not have is 0, or what makes sense in most calls. {@code tree=} is a reference, whose slot and generation are meant;
 * {@code out=} keeps what names what was made.
 */
final class TreeStruct {
    private static final String TREE = "tree";
    private static final String OUT = "out";
    private static final String STATUS = "status";
    private static final String HANDLE = "handle";
    private static final String SLOT = "slot";
    private static final String GENERATION = "gen";
    private static final int PAGE_SHIFT = 12;

    /** Bytes of an out field before the call. */
    private static final long UNWRITTEN = 0x7777_7777_7777_7777L;

    private static final long NOTHING = -1;

    private final V3Form form;

    TreeStruct(V3Form form) {
        this.form = form;
    }

    /** The fields, and the words that stand for some of them. */
    Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>();
        form.fields().forEach(field -> keys.put(field.name(), operand(field)));
        if (form.field(SLOT).isPresent()) {
            keys.put(TREE, Operand.VALUE);
        }
        if (kept().isPresent()) {
            keys.put(OUT, Operand.VARIABLE);
        }
        return keys;
    }

    private static Operand operand(V3Field field) {
        return switch (field.name()) {
            case "peer", "granter" -> Operand.DOMAIN;
            case "dest" -> Operand.PLACE;
            case "root" -> Operand.FRAME;
            case HANDLE -> Operand.HANDLE;
            case "flags", "mode", "kind", "order_req", "ring_id", "dev_id", "access", "policy", "fault_mode" ->
                Operand.NAMED;
            case "cpu_fate", "dev_fate" -> Operand.NAMED;
            default -> field.name().endsWith("_gfn") ? Operand.FRAME : Operand.VALUE;
        };
    }

    Optional<String> misnomer(String key, String value) {
        boolean named = form.field(key).map(TreeStruct::operand).stream().anyMatch(Operand.NAMED::equals);
        return named ? TreeNames.misnomer(form, value) : Optional.empty();
    }

    /** The out field that names what the call made. */
    private Optional<V3Field> kept() {
        return switch (form) {
            case TREE_CREATE -> form.field("base_ref");
            case MAP -> form.field(HANDLE);
            case REVOKE -> form.field("revoke_id");
            case RING_REGISTER -> form.field("ring_id");
            default -> Optional.empty();
        };
    }

    /** Fills a struct, which is zero. */
    void encode(Operation operation, ArgumentStruct struct) {
        for (V3Field field : form.fields()) {
            struct.set(field.offset(), field.bytes(), value(operation, field));
        }
    }

    private long value(Operation operation, V3Field field) {
        Operands operands = operation.operands;
        String key = field.name();
        if (!operation.line.has(key)) {
            return absent(operation, field);
        }
        return switch (operand(field)) {
            case DOMAIN -> operands.domain(key, 0);
            case PLACE -> operands.place(key);
            case FRAME -> operands.frame(key, 0);
            case HANDLE -> operands.handle(key, operation.executor.treeHandles, NOTHING);
            case NAMED -> TreeNames.number(form, operands.text(key));
            default -> operands.value(key, 0);
        };
    }

    private long absent(Operation operation, V3Field field) {
        if (field.direction() == V3Field.Direction.OUT) {
            return UNWRITTEN;
        }
        if (operation.line.has(TREE) && field.name().equals(SLOT)) {
            return V3Ref.slot(operation.operands.value(TREE, 0));
        }
        if (operation.line.has(TREE) && field.name().equals(GENERATION)) {
            return V3Ref.generation(operation.operands.value(TREE, 0));
        }
        return switch (field.name()) {
            case "struct_size" -> form.size();
            case "version" -> V3Head.THREE;
            case HANDLE, "scratch_gfn" -> NOTHING;
            default -> usual(operation, field.name());
        };
    }

    /** What most calls of an operation say. */
    private long usual(Operation operation, String field) {
        return switch (form) {
            case TREE_CREATE ->
                switch (field) {
                    case "levels" -> 1;
                    case "page_shift" -> PAGE_SHIFT;
                    case "index_limit" -> 1L << (V3Entry.LEVEL_BITS * operation.operands.value("levels", 1));
                    case "ring_id", "dev_id" -> NOTHING;
                    default -> 0;
                };
            case MAP ->
                switch (field) {
                    case "flags" -> V3Map.HOST | (operation.executor.translated ? 0 : V3Map.DEST_PTE);
                    case "count" -> 1;
                    default -> 0;
                };
            case PROBE ->
                switch (field) {
                    case "dev_id" -> TreeNames.number(form, operation.operands.text("mode")) == 0 ? NOTHING : 0;
                    case "count" -> 1;
                    default -> 0;
                };
            case UNMAP, SYNC -> field.equals("count") ? 1 : 0;
            default -> 0;
        };
    }

    /** Prints the answer, then the out fields that were written, and keeps what the line wants kept. */
    void decode(Operation operation, ArgumentStruct struct) {
        Result result = operation.result;
        V3Field answer = form.status().orElseThrow();
        long status = (int) struct.get(answer.offset(), answer.bytes());
        result.word(STATUS + "=" + (status == (int) UNWRITTEN ? "-" : Long.toString(status)));
        for (V3Field field : form.fields()) {
            if (field.direction().answers() && !field.equals(answer) && isTold(struct, field, status)) {
                result.word(
                        field.name() + "=" + text(operation, field.name(), struct.get(field.offset(), field.bytes())));
            }
        }
        kept().ifPresent(field -> operation.operands.keep(
                OUT, isWritten(struct, field) ? struct.get(field.offset(), field.bytes()) : NOTHING));
    }

    private static boolean isTold(ArgumentStruct struct, V3Field field, long status) {
        return field.direction() == V3Field.Direction.OUT ? isWritten(struct, field) : status == 0;
    }

    private static boolean isWritten(ArgumentStruct struct, V3Field field) {
        long unwritten = field.bytes() < Long.BYTES ? UNWRITTEN & ((1L << (field.bytes() * Byte.SIZE)) - 1) : UNWRITTEN;
        return struct.get(field.offset(), field.bytes()) != unwritten;
    }

    /** A value by its name, where it has one that is the same on every machine. */
    private static String text(Operation operation, String field, long value) {
        return switch (field) {
            case HANDLE -> value == 0 ? "0" : "#" + operation.executor.treeHandles.numberOf(value);
            case "dev_addr" ->
                value == NOTHING ? "none" : operation.world.frameNames().ofMachineFrame(Page.frame(value));
            case "base_ref", "features", "cpu_fates", "dev_fates", "result" -> "0x" + Long.toHexString(value);
            default -> Long.toUnsignedString(value);
        };
    }
}
