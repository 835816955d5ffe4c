package grantlab.hypervisor.quota;

/**
 * Free objects of a slab that one vCPU has at hand, single ones and octets: touched by its thread alone, in cache lines of its own. What
 * was given back last is taken first.
 */
public final class Stock {
    /** Single objects that a vCPU has at hand at most. */
    static final int MOST = 64;

    /** So many single ones go to what is free for everybody at once, or come from there. */
    static final int MOVED = MOST / 2;

    /** Octets that a vCPU has at hand at most. */
    static final int MOST_OCTETS = 64;

    private static final int LINES_APART = 32;

    /** Where in the words the number of single objects is; the objects follow. */
    private static final int SIZE = LINES_APART;

    private final Slab slab;
    private final int most;
    private final int moved;
    private final int mostOctets;

    /** Where in the words the number of octets is; the octets follow. */
    private final int octets;

    private final int[] words;

    /**
     * Nothing at hand.
     *
     * @param most single objects
     * @param moved of those, at once
     * @param mostOctets octets
     */
    Stock(Slab slab, int most, int moved, int mostOctets) {
        this.slab = slab;
        this.most = most;
        this.moved = moved;
        this.mostOctets = mostOctets;
        // There is room for what is one too many; a stock that keeps nothing still passes an octet on, object by
        // object.
        this.octets = SIZE + 1 + most + Slab.OCTET;
        this.words = new int[octets + 1 + mostOctets + 1 + LINES_APART];
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

    /**
     * Takes eight objects beside one another.
     *
     * @return the number of the first, their words in disorder; or {@link Slab#NONE}: single ones may be left
     */
    public int takeOctet() {
        return words[octets] == 0 ? slab.refillOctets(this) : popOctet();
    }

    /**
     * Gives eight objects back that lie beside one another.
     *
     * @param first a multiple of eight; nobody looks at any of them any more, or only to find it gone
     */
    public void giveOctet(int first) {
        pushOctet(first);
        if (words[octets] > mostOctets) {
            slab.drainOctets(this, movedOctets());
        }
    }

    /**
     * Gives objects back, as an octet if they are one.
     *
     * @param numbers that nobody looks at any more, or only to find them gone
     * @param count of them
     */
    public void give(int[] numbers, int count) {
        if (count == Slab.OCTET && Slab.isOctet(numbers, 0)) {
            giveOctet(numbers[0]);
            return;
        }
        for (int i = 0; i < count; i++) {
            give(numbers[i]);
        }
    }

    int size() {
        return words[SIZE];
    }

    /** Some single objects come to be at hand, where none is. @return false: none is free */
    boolean fill(FreeChain singles) {
        words[SIZE] = singles.take(words, SIZE + 1, moved);
        return words[SIZE] != 0;
    }

    /** Octets come to be at hand, where none is, at most so many. @return false: none is free */
    boolean fillOctets(FreeChain chain, int most) {
        words[octets] = chain.take(words, octets + 1, most);
        return words[octets] != 0;
    }

    int movedOctets() {
        return mostOctets / 2 + 1;
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

    int octets() {
        return words[octets];
    }

    int popOctet() {
        int size = words[octets];
        words[octets] = size - 1;
        return words[octets + size];
    }

    void pushOctet(int first) {
        int size = words[octets] + 1;
        words[octets] = size;
        words[octets + size] = first;
    }

    /** What is too many at hand becomes free for everybody. */
    void passOn() {
        if (words[SIZE] > most) {
            slab.drain(this, words[SIZE] - most);
        }
    }

    void clear() {
        words[SIZE] = 0;
        words[octets] = 0;
    }
}
