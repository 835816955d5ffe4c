package grantlab.grant.tree.race;

import grantlab.api.Status;
import grantlab.api.memory.Page;
import grantlab.api.memory.RamLayout;
import grantlab.grant.tree.Levels;
import grantlab.p2m.memory.OffHeapMemory;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One entry in off-heap memory, and one word of the page that it grants. Every state has an entry of its own among many: jcstress
 * makes states by the thousand and forgets them.
 */
class OffHeapEntry extends EntryProtocol {
    private static final int ROOTS = 512;
    private static final OffHeapMemory MEMORY =
            new OffHeapMemory(new RamLayout(List.of(new RamLayout.Extent(0, 2 * ROOTS))));
    private static final AtomicInteger NEXT = new AtomicInteger();

    /** What a granter or grantee that could not look at the data reports. */
    static final int NOT_LOOKED_AT = -100;

    private final long data;

    OffHeapEntry() {
        this(NEXT.getAndIncrement() & (ROOTS * Levels.ENTRIES - 1));
    }

    private OffHeapEntry(int number) {
        super(MEMORY, number / Levels.ENTRIES, number % Levels.ENTRIES);
        data = address + Page.address(ROOTS);
        memory.store64(address, 0);
        memory.store64(data, 0);
    }

    /** Stores to the granted page, without any order of its own. */
    void store(int value) {
        memory.store64(data, value);
    }

    /** Loads from the granted page, without any order of its own. */
    int load() {
        return (int) memory.load64(data);
    }

    /** The data, if a map succeeded. */
    int loadAfter(int status) {
        return status == Status.OKAY ? load() : NOT_LOOKED_AT;
    }

    int mapped() {
        return (int) (memory.load64Acquire(address) >>> 9) & 3;
    }

    static int yes(boolean answer) {
        return answer ? 1 : 0;
    }
}
