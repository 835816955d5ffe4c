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

    /** Where in the words the number of objects is; the objects follow. */
    private static final int SIZE = LINES_APART;

    private final Slab slab;
    private final int most;
    private final int moved;
    private final int[] words;

    /** Nothing at hand. */
    Stock(Slab slab, int most, int moved) {
        this.slab = slab;
        this.most = most;
        this.moved = moved;
        this.words = new int[SIZE + 1 + most + 1 + LINES_APART];
    }

    /**
     * Takes an object.
     *
     * @return its number, its words in disorder; or {@link Slab#NONE} when the pool is used up
     */
    public int take() {
        return words[SIZE] == 0 ? slab.refill(this) : pop();
    }

    /**
     * Gives an object back.
     *
     * @param number that nobody looks at any more, or only to find it gone
     */
    public void give(int number) {
        push(number);
        if (words[SIZE] > most) {
            slab.drain(this, moved);
        }
    }

    int size() {
        return words[SIZE];
    }

    int moved() {
        return moved;
    }

    int pop() {
        int size = words[SIZE];
        words[SIZE] = size - 1;
        return words[SIZE + size];
    }

    void push(int number) {
        int size = words[SIZE] + 1;
        words[SIZE] = size;
        words[SIZE + size] = number;
    }

    void clear() {
        words[SIZE] = 0;
    }
}
