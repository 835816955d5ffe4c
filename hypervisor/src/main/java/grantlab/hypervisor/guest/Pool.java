package grantlab.hypervisor.guest;

import java.util.BitSet;

/** Numbers that a kernel hands out, the highest first: the low ones are what scripts and clauses call by name. */
final class Pool {
    private final int size;
    private final BitSet taken = new BitSet();

    Pool(int size) {
        this.size = size;
    }

    int take() {
        int number = taken.previousClearBit(size - 1);
        if (number >= 0) {
            taken.set(number);
        }
        return number;
    }

    void giveBack(int number) {
        if (number < 0 || number >= size || !taken.get(number)) {
            throw new IllegalArgumentException(number + " was not handed out");
        }
        taken.clear(number);
    }
}
