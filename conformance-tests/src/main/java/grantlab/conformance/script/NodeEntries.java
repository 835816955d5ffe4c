package grantlab.conformance.script;

import grantlab.api.abi.V3Entry;
import grantlab.api.grant.EntryCodec;
import grantlab.api.memory.Page;
import java.util.HashMap;
import java.util.Map;

/** Where the entries of a tree's node are that a line names: a page of the executing domain and an index in it. */
final class NodeEntries {
    private static final String PAGE = "page";
    private static final String INDEX = "index";
    private static final int ENTRIES = Page.SIZE / V3Entry.SIZE;

    private NodeEntries() {}

    /** The keys that say where. */
    static Map<String, Operand> keys() {
        Map<String, Operand> keys = new HashMap<>();
        keys.put(PAGE, Operand.ADDRESS);
        keys.put(INDEX, Operand.NUMBER);
        return keys;
    }

    /** What a field of an entry takes. */
    static Operand operand(EntryCodec.Field field) {
        return field.name().equals(EntrySyntax.FRAME) ? Operand.FRAME : Operand.NUMBER;
    }

    /**
     * The machine address of the entry, by the page tables of the executing domain.
     *
     * @param write whether it is going to be written
     * @return negative where the domain cannot reach it
     */
    static long address(Operation operation, boolean write) {
        long index = Math.floorMod(operation.operands.number(INDEX, 0), ENTRIES);
        long address = (operation.operands.address(PAGE) & -V3Entry.SIZE) + index * V3Entry.SIZE;
        return operation.executor.guest().addressSpace().argument(address, write);
    }

    /**
     * Entries of a node from one on.
     *
     * @param address of the one, in the machine
     * @return 1..512
     */
    static int left(long address) {
        return (Page.SIZE - (int) (address & Page.SIZE - 1)) / V3Entry.SIZE;
    }
}
