package grantlab.hypervisor.quota;

/**
 * Free objects of a slab that one vCPU has at hand: touched by its thread alone, in cache lines of its own. What was given back
 * last is taken first.
 */
public final class Stock {
    /** Objects that a vCPU has at hand at most. */
    static final int MOST = 64;

    /** So many go to what is free for everybody at once, or come from there. */
    static final int MOVED = MOST / 2;

    private static final int LINES_APART = 32;

    @SuppressWarnings("unused")
    private long before0, before1, before2, before3, before4, before5, before6, before7;

    private int size;
    private final int most;
    private final int[] numbers;
    private final Slab slab;

    @SuppressWarnings("unused")
    private long after0, after1, after2, after3, after4, after5, after6, after7;

    /** Nothing at hand. */
    Stock(Slab slab, int most) {
        this.slab = slab;
        this.most = most;
        this.numbers = new int[LINES_APART + Math.max(most, MOVED) + 1 + LINES_APART];
    }

    int size() {
        return size;
    }

    /**
     * Takes an object.
     *
     * @return its number, its words in disorder; or {@link Slab#NONE} when the pool is used up
     */
    public int take() {
        if (size == 0) {
            return slab.refill(this);
        }
        return pop();
    }

    /**
     * Gives an object back.
     *
     * @param number that nobody looks at any more, or only to find it gone
     */
    public void give(int number) {
        push(number);
        if (size > most) {
            slab.drain(this, Math.min(size, MOVED));
        }
    }

    int pop() {
        return numbers[LINES_APART + --size];
    }

    void push(int number) {
        numbers[LINES_APART + size++] = number;
    }

    void clear() {
        size = 0;
    }
}
