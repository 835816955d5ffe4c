package grantlab.conformance.script;

import grantlab.api.abi.Domid;
import grantlab.api.memory.Page;
import org.jspecify.annotations.Nullable;

/** What the operands of one line mean at the moment of its execution. */
final class Operands {
    private static final long NO_HANDLE = -1;

    private final ScriptWorld world;
    private final Line line;
    private final Context executor;

    Operands(ScriptWorld world, Line line, Context executor) {
        this.world = world;
        this.line = line;
        this.executor = executor;
    }

    /**
     * A number.
     *
     * @param key of the operand
     * @param absent its value when the line does not have it
     */
    long number(String key, long absent) {
        String text = line.argument(key);
        return text == null ? absent : new Reading(text).number();
    }

    /** The text of an operand that the line has. */
    String text(String key) {
        return line.arguments().getOrDefault(key, "");
    }

    /**
     * A domid, 16 bits.
     *
     * @param key of the operand
     * @param absent its value when the line does not have it
     */
    int domain(String key, int absent) {
        String text = line.argument(key);
        if (text == null) {
            return absent;
        }
        return switch (text) {
            case "self" -> Domid.SELF;
            case "io" -> Domid.IO;
            case "xen" -> Domid.XEN;
            case "cow" -> Domid.COW;
            case "invalid" -> Domid.INVALID;
            case "idle" -> Domid.IDLE;
            default -> (int) afterPrefix(text, "d").number() & 0xffff;
        };
    }

    /**
     * The domain whose table is meant: the executing one unless the line says otherwise.
     *
     * @return null when no such domain was created
     */
    @Nullable
    Context table() {
        String text = line.argument("tab");
        return text == null ? executor : world.created(afterPrefix(text, "d").number());
    }

    /**
     * An address.
     *
     * @param key of the operand
     * @return 0 when the line does not have it
     */
    long address(String key) {
        return address(key, 0);
    }

    /**
     * An address.
     *
     * @param key of the operand
     * @param absent its value when the line does not have it
     */
    long address(String key, long absent) {
        String text = line.argument(key);
        if (text == null) {
            return absent;
        }
        Reading reading = new Reading(text);
        long address = address(reading);
        return reading.skip("+") ? address + reading.number() : address;
    }

    /**
     * An address that a device uses: {@code ma:} is where a page really is, also one of a translated domain.
     *
     * @param key of the operand
     * @return 0 when the line does not have it
     */
    long deviceAddress(String key) {
        Reading reading = new Reading(text(key));
        long address;
        if (reading.skip("ma:")) {
            Symbol symbol = reading.symbol(executor, world);
            address = symbol == null ? 0 : Page.address(symbol.machineFrame());
        } else {
            address = address(reading);
        }
        return reading.skip("+") ? address + reading.number() : address;
    }

    private long address(Reading reading) {
        if (reading.skip("pte:")) {
            Symbol slot = reading.symbol(executor, world);
            return slot == null || slot.isPage() ? 0 : slot.owner().slotEntry(slot.index());
        }
        if (reading.skip("ma:")) {
            Symbol symbol = reading.symbol(executor, world);
            return symbol == null ? 0 : Page.address(symbol.frame());
        }
        Symbol symbol = reading.symbol(executor, world);
        return symbol == null ? reading.number() : symbol.address();
    }

    /**
     * A frame number.
     *
     * @param key of the operand
     * @param absent its value when the line does not have it
     */
    long frame(String key, long absent) {
        String text = line.argument(key);
        if (text == null) {
            return absent;
        }
        if (text.equals("none")) {
            return -1;
        }
        Reading reading = new Reading(text);
        Symbol symbol = reading.symbol(executor, world);
        return symbol == null ? reading.number() : symbol.frame();
    }

    /**
     * The page or slot that an operand begins with.
     *
     * @param key of the operand
     * @return null when it names none
     */
    @Nullable
    Symbol symbol(String key) {
        String text = line.argument(key);
        return text == null ? null : new Reading(text).symbol(executor, world);
    }

    /** The handle {@code h=}: of a variable, of a number by which it was printed, or itself. */
    int handle() {
        return (int) handle("h", executor.handles, NO_HANDLE);
    }

    /**
     * A handle: of a variable, of a number by which it was printed, or itself.
     *
     * @param key of the operand
     * @param shown the handles of its kind that the domain was shown
     * @param absent its value when the line does not have it
     */
    long handle(String key, HandleNumbers shown, long absent) {
        String text = line.argument(key);
        if (text == null) {
            return absent;
        }
        Reading reading = new Reading(text);
        if (reading.skip("#")) {
            return shown.handle(reading.number());
        }
        return value(key, absent);
    }

    /**
     * A number, or what a variable holds and more: {@code vN+K}.
     *
     * @param key of the operand
     * @param absent its value when the line does not have it
     */
    long value(String key, long absent) {
        String text = line.argument(key);
        if (text == null) {
            return absent;
        }
        Reading reading = new Reading(text);
        if (!reading.skip("v")) {
            return reading.number();
        }
        long value = world.variable(reading.number());
        return reading.skip("+") ? value + reading.number() : value;
    }

    /**
     * Where something is to be mapped: a frame, or the machine address of a page-table entry.
     *
     * @param key of the operand
     */
    long place(String key) {
        String text = line.argument(key);
        return text != null && (text.startsWith("pte:") || text.startsWith("ma:")) ? address(key) : frame(key, 0);
    }

    /**
     * Keeps a handle or a reference in the variable that the line names, if it names one.
     *
     * @param key of the operand
     */
    void keep(String key, long handle) {
        String text = line.argument(key);
        if (text != null) {
            world.setVariable(afterPrefix(text, "v").number(), handle);
        }
    }

    private static Reading afterPrefix(String text, String prefix) {
        Reading reading = new Reading(text);
        reading.skip(prefix);
        return reading;
    }
}
