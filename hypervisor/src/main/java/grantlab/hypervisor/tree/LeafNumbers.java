package grantlab.hypervisor.tree;

import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Grants;
import java.util.HashMap;
import java.util.Map;

/**
 * Numbers the leaves of a tree as they are used first: a tree has far more indices than uses. A number stays with its leaf
 * for as long as the tree lives.
 */
public final class LeafNumbers implements Grants.Numbering {
    private static final int FIRST_ROOM = 64;

    private final int maxActive;
    private final Acts acts;
    private final Map<Long, Integer> numbers = new HashMap<>();

    /**
     * No leaf yet.
     *
     * @param maxActive how many leaves may ever be in use
     * @param acts their records; made room for here
     */
    public LeafNumbers(int maxActive, Acts acts) {
        this.maxActive = maxActive;
        this.acts = acts;
    }

    @Override
    public synchronized int act(long key) {
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        int number = numbers.size();
        if (number >= maxActive) {
            return NONE;
        }
        if (number >= acts.capacity()) {
            acts.grow(Math.max(FIRST_ROOM, 2L * number));
        }
        numbers.put(key, number);
        return number;
    }

    /**
     * Whether nothing is in use.
     *
     * @return true when no record has pins
     */
    public synchronized boolean unused() {
        return numbers.values().stream().allMatch(number -> acts.pinsNow(number) == 0);
    }
}
