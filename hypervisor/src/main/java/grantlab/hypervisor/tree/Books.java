package grantlab.hypervisor.tree;

import grantlab.hypervisor.quota.PagePool;
import java.util.Arrays;
import java.util.Map;

/** What one domain uses of others through grants v3, and what it is charged for it (grant-v3.md, section 6). */
public final class Books {
    /** Mappings of one granter where nobody said otherwise: all that the pool has room for. */
    public static final int UNSHARED = Integer.MAX_VALUE;

    private final PagePool pool = new PagePool();
    private final LeafActs acts;
    private final Buckets buckets;
    private final Records records;
    private final Mapsets mapsets;
    private final Shares shares = new Shares(UNSHARED);
    private final Reserve reserve = new Reserve();
    private final TakenPlaces takenPlaces;
    private final Advance[] advances;
    private volatile int legacyFates;
    private volatile boolean injects;

    /**
     * Nothing used.
     *
     * @param vcpus of the domain
     */
    public Books(int vcpus) {
        acts = new LeafActs(pool, vcpus);
        buckets = new Buckets(pool, acts);
        records = new Records(pool, vcpus);
        mapsets = new Mapsets(pool, vcpus, records);
        takenPlaces = new TakenPlaces(records, acts);
        advances = new Advance[vcpus];
        Arrays.setAll(advances, vcpu -> new Advance(advances));
    }

    /** The pages that pay for everything else here. */
    public PagePool pool() {
        return pool;
    }

    /** The leaves in use. */
    public LeafActs acts() {
        return acts;
    }

    /** Where these are found. */
    public Buckets buckets() {
        return buckets;
    }

    /** The mappings. */
    public Records records() {
        return records;
    }

    /**
     * What a vCPU of the domain has at hand.
     *
     * @param vcpu of the domain
     * @return always the same stocks
     */
    public AtHand atHand(int vcpu) {
        return new AtHand(acts.stock(vcpu), records.stock(vcpu), mapsets.stock(vcpu));
    }

    /**
     * What a vCPU of the domain is charged for ahead.
     *
     * @param vcpu of the domain
     * @return always the same
     */
    public Advance advance(int vcpu) {
        return advances[vcpu];
    }

    /** For whoever is no vCPU of the domain: has nothing at hand. */
    public AtHand nothingAtHand() {
        return new AtHand(acts.noStock(), records.noStock(), mapsets.noStock());
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
        return shares.of(granter);
    }

    /**
     * The share of a granter for which none was set, from now on and of those that did not differ.
     *
     * @param mappings a limit
     */
    public void setUsualShare(int mappings) {
        shares.setUsual(mappings);
    }

    /** The share of a granter for which none was set. */
    public int usualShare() {
        return shares.usual();
    }

    /** Pages that take the place of what is taken back. */
    public Reserve reserve() {
        return reserve;
    }

    /** What the domain's mappings by operation 0 accept: CPU fate n in bit n. */
    public int legacyFates() {
        return legacyFates;
    }

    /** They accept something else. */
    public void setLegacyFates(int fates) {
        legacyFates = fates;
    }

    /** Where the domain's CPUs lost what it has yet to acknowledge. */
    public TakenPlaces takenPlaces() {
        return takenPlaces;
    }

    /** Whether an access there gives an exception: fault mode INJECT. */
    public boolean injects() {
        return injects;
    }

    /** Chooses the fault mode. */
    public void setInjects(boolean exceptions) {
        injects = exceptions;
    }

    /** Mappings of all granters together. */
    public long mappings() {
        return shares.all().values().stream().mapToLong(this::mappings).sum();
    }

    /**
     * Mappings of one granter's memory: what its share is charged for and vCPUs do not have in hand.
     *
     * @param share of these books
     * @return so many; exact at rest
     */
    public int mappings(Share share) {
        int used = share.used();
        return used
                - Arrays.stream(advances).mapToInt(one -> one.mappings(share)).sum();
    }

    /**
     * Leaves that vCPUs of the domain are charged for and do not use.
     *
     * @param tree of a granter
     * @return so many; exact at rest
     */
    public int leavesAhead(Tree tree) {
        return Arrays.stream(advances).mapToInt(one -> one.leaves(tree)).sum();
    }

    /**
     * Mappings that vCPUs of the domain are charged for and do not have.
     *
     * @param tree of a granter
     * @return so many; exact at rest
     */
    public int mappingsAhead(Tree tree) {
        return Arrays.stream(advances).mapToInt(one -> one.mappings(tree)).sum();
    }

    /** Pages of the pool that what is here lies in; at rest. */
    public int pages() {
        return buckets.pages() + acts.pages() + records.pages() + mapsets.pages();
    }

    /** The domain died, and nothing of others is in use by it any more: what it was charged for that is given back. */
    public void dispose() {
        takenPlaces.dispose();
        buckets.dispose();
        acts.dispose();
        mapsets.dispose();
        records.dispose();
    }

    /** All shares by granter, for reports. */
    public Map<Integer, Share> shares() {
        return shares.all();
    }
}
