package grantlab.hypervisor.quota;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What is free for everybody: objects, or octets by their first object, that hang together by their word 0, under a head that counts, so
 * that one that came back meanwhile is noticed. Any thread may give and take; nobody waits for another.
 */
final class FreeChain {
    private static final long NUMBER = 0xffff_ffffL;
    private static final long ONE_TURN = 1L << 32;

    private final Slab slab;
    private final AtomicLong head = new AtomicLong(NUMBER);

    FreeChain(Slab slab) {
        this.slab = slab;
    }

    boolean isEmpty() {
        return (int) head.get() == Slab.NONE;
    }

    /**
     * Takes some. Word 0 of an object that somebody has taken meanwhile may be anything: then the head is another too.
     *
     * @param into is given their numbers
     * @param from where in it they begin
     * @param most at most so many
     * @return how many; zero: nothing is free
     */
    int take(int[] into, int from, int most) {
        while (true) {
            long seen = head.get();
            int number = (int) seen;
            int count = 0;
            while (count < most && slab.isObject(number)) {
                into[from + count++] = number;
                number = slab.next(number);
            }
            if (count == 0 || head.compareAndSet(seen, turned(seen, number))) {
                return count;
            }
        }
    }

    /** Those that hang together already, from the first to the last, become free. */
    void give(int first, int last) {
        while (true) {
            long seen = head.get();
            slab.setNext(last, (int) seen);
            if (head.compareAndSet(seen, turned(seen, first))) {
                return;
            }
        }
    }

    private static long turned(long seen, int number) {
        return ((seen & ~NUMBER) + ONE_TURN) | (number & NUMBER);
    }

    /** At rest; never more than a bound, whatever the words say. */
    int count(int bound) {
        int count = 0;
        for (int number = (int) head.get(); number != Slab.NONE && count < bound; number = slab.next(number)) {
            count++;
        }
        return count;
    }

    void clear() {
        head.set(NUMBER);
    }
}
