package grantlab.conformance.fuzz;

import java.util.List;

/**
 * Chance that can be had again: the same seed throws the same numbers, on every machine and with every JDK (SplitMix64,
 * Steele, Lea and Flood 2014). One thread.
 */
public final class Dice {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final int PERCENT = 100;

    private long state;

    /**
     * Dice.
     *
     * @param seed what they throw
     */
    public Dice(long seed) {
        state = seed;
    }

    /**
     * A seed that depends on two numbers, so that neighbours have nothing in common.
     *
     * @param seed a seed
     * @param number which of its children
     */
    public static long child(long seed, long number) {
        return mixed(mixed(seed + GOLDEN_GAMMA) ^ mixed(number * GOLDEN_GAMMA + 1));
    }

    private static long mixed(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** 64 bits. */
    public long bits() {
        state += GOLDEN_GAMMA;
        return mixed(state);
    }

    /**
     * A number.
     *
     * @param bound at least 1
     * @return 0 .. bound - 1
     */
    public int below(int bound) {
        return (int) (((bits() >>> 33) * bound) >>> 31);
    }

    /**
     * A number.
     *
     * @param first the least
     * @param last the greatest
     */
    public int between(int first, int last) {
        return first + below(last - first + 1);
    }

    /**
     * Yes or no.
     *
     * @param percent how often yes, of a hundred times
     */
    public boolean chance(int percent) {
        return below(PERCENT) < percent;
    }

    /** One of several. */
    @SafeVarargs
    public final <T> T one(T... choices) {
        return choices[below(choices.length)];
    }

    /** One of several numbers. */
    public int oneOf(int... choices) {
        return choices[below(choices.length)];
    }

    /**
     * One of a list.
     *
     * @param choices at least one
     */
    public <T> T any(List<T> choices) {
        return choices.get(below(choices.size()));
    }
}
