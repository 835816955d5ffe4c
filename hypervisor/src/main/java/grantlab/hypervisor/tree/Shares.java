package grantlab.hypervisor.tree;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The {@link Share} of each granter, in two levels by its number: looking one up takes no lock and allocates nothing. */
final class Shares {
    private static final int BITS = 8;
    private static final int GROUP = 1 << BITS;
    private static final int GROUPS = 1 << (Short.SIZE - BITS);

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Share>> groups =
            new AtomicReferenceArray<>(GROUPS);

    private volatile int usual;

    /** None yet. */
    Shares(int usual) {
        this.usual = usual;
    }

    /** Always the same for one granter. */
    Share of(int granter) {
        AtomicReferenceArray<@Nullable Share> group = groups.get(granter >>> BITS);
        Share share = group == null ? null : group.get(granter & GROUP - 1);
        return share != null ? share : added(granter);
    }

    private synchronized Share added(int granter) {
        AtomicReferenceArray<@Nullable Share> group = groups.get(granter >>> BITS);
        if (group == null) {
            group = new AtomicReferenceArray<>(GROUP);
            groups.set(granter >>> BITS, group);
        }
        Share share = group.get(granter & GROUP - 1);
        if (share == null) {
            share = new Share(usual);
            group.set(granter & GROUP - 1, share);
        }
        return share;
    }

    /** The limit where none was set. */
    int usual() {
        return usual;
    }

    /** From now on and of those that did not differ. */
    synchronized void setUsual(int limit) {
        int before = usual;
        usual = limit;
        all().values().stream().filter(share -> share.limit() == before).forEach(share -> share.setLimit(limit));
    }

    /** By granter, for reports. */
    Map<Integer, Share> all() {
        Map<Integer, Share> all = new TreeMap<>();
        for (int i = 0; i < GROUPS; i++) {
            AtomicReferenceArray<@Nullable Share> group = groups.get(i);
            for (int j = 0; group != null && j < GROUP; j++) {
                Share share = group.get(j);
                if (share != null) {
                    all.put(i << BITS | j, share);
                }
            }
        }
        return all;
    }
}
