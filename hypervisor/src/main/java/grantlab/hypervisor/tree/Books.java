package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.PagePool;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** What one domain uses of others through grants v3, and what it is charged for it (grant-v3.md, section 6). */
public final class Books {
    /** Mappings of one granter where nobody said otherwise: all that the pool has room for. */
    public static final int UNSHARED = Integer.MAX_VALUE;

    private final PagePool pool = new PagePool();
    private final LeafActs acts = new LeafActs(pool);
    private final Records records = new Records(pool);
    private final Mapsets mapsets = new Mapsets(pool, records);
    private final Map<Integer, Share> shares = new ConcurrentHashMap<>();
    private volatile int usualShare = UNSHARED;

    /** Nothing used. */
    public Books() {}

    /** The pages that pay for everything else here. */
    public PagePool pool() {
        return pool;
    }

    /** The leaves in use. */
    public LeafActs acts() {
        return acts;
    }

    /** The mappings. */
    public Records records() {
        return records;
    }

    /** The handles. */
    public Mapsets mapsets() {
        return mapsets;
    }

    /**
     * What a granter's memory may take of the books.
     *
     * @param granter a domid
     * @return always the same for one granter
     */
    public Share share(int granter) {
        return shares.computeIfAbsent(granter, domid -> new Share(usualShare));
    }

    /**
     * The share of a granter for which none was set, from now on and of those that did not differ.
     *
     * @param mappings a limit
     */
    public void setUsualShare(int mappings) {
        int before = usualShare;
        usualShare = mappings;
        shares.values().stream().filter(share -> share.limit() == before).forEach(share -> share.setLimit(mappings));
    }

    /** The share of a granter for which none was set. */
    public int usualShare() {
        return usualShare;
    }

    /** Mappings of all granters together. */
    public long mappings() {
        return shares.values().stream().mapToLong(Share::used).sum();
    }

    /** Pages of the pool that what is here lies in; at rest. */
    public int pages() {
        return acts.pages() + records.pages() + mapsets.pages();
    }

    /** The domain died, and nothing of others is in use by it any more: what it was charged for that is given back. */
    public void dispose() {
        acts.dispose();
        mapsets.dispose();
        records.dispose();
    }

    /** All shares by granter, for reports. */
    public Map<Integer, Share> shares() {
        return new TreeMap<>(shares);
    }
}
