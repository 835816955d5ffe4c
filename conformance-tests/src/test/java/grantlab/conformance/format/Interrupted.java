package grantlab.conformance.format;

import grantlab.api.memory.MachineMemory;
import grantlab.conformance.WatchedMemory;

/** Memory in which somebody else comes in before each access: races that happen when a test wants them. */
final class Interrupted {
    /** Who comes in. */
    @FunctionalInterface
    interface Intruder {
        /**
         * Does what it wants to the memory behind.
         *
         * @param access number of the access that is about to happen, from 0
         * @param method of {@link MachineMemory}
         */
        void comeIn(int access, String method);
    }

    /** More accesses than any call of a table may take; one that takes more would never end. */
    private static final int MANY = 64;

    private final MachineMemory memory;
    private Intruder intruder = (access, method) -> {};
    private int accesses;

    Interrupted(MachineMemory memory) {
        this.memory = memory;
    }

    /** From now on, and counted from 0 again. */
    void by(Intruder next) {
        intruder = next;
        accesses = 0;
    }

    /** Nobody comes in any more. */
    void byNobody() {
        by((access, method) -> {});
    }

    int accesses() {
        return accesses;
    }

    MachineMemory memory() {
        return WatchedMemory.of(memory, (method, address) -> {
            if (accesses == MANY) {
                throw new AssertionError("a call that looks " + MANY + " times has no bound");
            }
            intruder.comeIn(accesses++, method);
        });
    }
}
