package grantlab.conformance.clause;

import java.util.random.RandomGenerator;

/** A table that is changed again and again, and after each change is looked at where that is worth it. */
abstract class LongHistory {
    final RandomGenerator random;

    /** The numbers that are looked at: at the borders of blocks, and beside them. */
    final long[] numbers;

    private final int steps;

    LongHistory(RandomGenerator random, int steps, long... numbers) {
        this.random = random;
        this.steps = steps;
        this.numbers = numbers;
    }

    final void live() {
        for (int step = 0; step < steps; step++) {
            change();
            for (long number : numbers) {
                check(number);
            }
            search();
        }
    }

    final long any() {
        return numbers[random.nextInt(numbers.length)];
    }

    /** The next change, and what it answers. */
    abstract void change();

    /** What stands at a number. */
    abstract void check(long number);

    /** What is found, from somewhere on. */
    abstract void search();
}
