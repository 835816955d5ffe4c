package grantlab.hypervisor.tree;

import grantlab.api.grant.TreeTable;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One tree of a granter: from it to one grantee, one index space (grant-v3.md, section 5). What tree_update changes is volatile;
 * calls look at each of it once.
 */
public final class Tree {
    /** Acts and mappings where the granter said nothing. */
    public static final int USUAL_BOUND = 1 << 16;

    /** No ring, no device. */
    public static final int NOTHING = -1;

    private static final VarHandle USES;

    static {
        try {
            USES = MethodHandles.lookup().findVarHandle(Tree.class, "uses", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int BITS_PER_LEVEL = 9;
    private static final int GENERATION_MASK = 0xff;

    private final int granter;
    private final int slot;
    private final int generation;
    private final long id;
    private final Terms terms;
    private volatile TreeTable table;

    /** Leaves in use 32 | mappings 32. */
    private volatile long uses;

    private volatile Binding binding;
    private volatile int levels;
    private volatile long indexLimit;
    private volatile int maxActive;
    private volatile int maxMappings;
    private final Revocations revocations = new Revocations();
    private long pauseTold;
    private long resumptionTold;
    private long requestTold;

    /**
     * What the granter asked for and never changes.
     *
     * @param flags of tree_create
     * @param peer domid or virtual domid
     * @param cookie for notifications
     * @param ring of the granter, or {@link #NOTHING}
     * @param device whose table it is, or {@link #NOTHING}
     * @param rootGfn where the root was when it was created
     */
    public record Terms(int flags, int peer, long cookie, int ring, int device, long rootGfn) {}

    /**
     * A tree.
     *
     * @param granter whose memory it grants
     * @param slot 1..4095
     * @param generation of the slot
     * @param terms what the granter asked for
     * @param table the format's side
     * @param binding who may use it
     */
    public Tree(int granter, int slot, int generation, Terms terms, TreeTable table, Binding binding) {
        this.granter = granter;
        this.slot = slot;
        this.generation = generation;
        this.id = (long) granter << 20 | (long) slot << 8 | generation;
        this.terms = terms;
        this.table = table;
        this.binding = binding;
    }

    /** Names it among all trees that exist: granter 16, slot 12, generation 8. Never zero. */
    public long id() {
        return id;
    }

    /** The granter of an {@link #id}. */
    public static int granterOf(long id) {
        return (int) (id >>> 20);
    }

    /** The slot of an {@link #id}. */
    public static int slotOf(long id) {
        return (int) (id >>> 8) & Trees.MOST;
    }

    /** The generation of an {@link #id}. */
    public static int generationOf(long id) {
        return (int) id & GENERATION_MASK;
    }

    /**
     * Indices that a tree of so many levels has: its table knows all of them, its limit is the engine's.
     *
     * @param levels 1..4
     */
    public static long span(int levels) {
        return 1L << (BITS_PER_LEVEL * levels);
    }

    /** Whose memory it grants. */
    public int granter() {
        return granter;
    }

    /** 1..4095. */
    public int slot() {
        return slot;
    }

    /** 0..255. */
    public int generation() {
        return generation;
    }

    /** What the granter asked for. */
    public Terms terms() {
        return terms;
    }

    /** What the granter is taking back. */
    public Revocations revocations() {
        return revocations;
    }

    /** Whether a flag of tree_create was given. */
    public boolean has(int flag) {
        return (terms.flags() & flag) != 0;
    }

    /** The format's side. */
    public TreeTable table() {
        return table;
    }

    /**
     * The granter has its nodes back; what the grantee has yet to acknowledge is told to nobody.
     *
     * @return the table as it was, to be disposed of when nobody can be in it any more
     */
    public TreeTable loseTable() {
        TreeTable lost = table;
        table = GoneTable.INSTANCE;
        return lost;
    }

    /** Whether the grantee has nothing of it, and nothing to acknowledge. */
    public boolean idle() {
        return uses == 0;
    }

    /** Who may use it now. */
    public Binding binding() {
        return binding;
    }

    /** Somebody else may use it, or not. */
    public void bind(Binding other) {
        binding = other;
    }

    /** How high it is. */
    public int levels() {
        return levels;
    }

    /** Indices below this exist. */
    public long indexLimit() {
        return indexLimit;
    }

    /** How high it is and what indices it has. */
    public void setShape(int newLevels, long newLimit) {
        levels = newLevels;
        indexLimit = newLimit;
    }

    /** Leaves that may be in use. */
    public int maxActive() {
        return maxActive;
    }

    /** Mappings that there may be. */
    public int maxMappings() {
        return maxMappings;
    }

    /**
     * Other bounds. Less than what there is takes nothing away.
     *
     * @param acts leaves in use, 0 for the usual bound
     * @param records mappings, 0 for the usual bound
     */
    public void setBounds(long acts, long records) {
        maxActive = bound(acts);
        maxMappings = bound(records);
    }

    private static int bound(long asked) {
        return asked == 0 ? USUAL_BOUND : (int) Math.min(asked, Integer.MAX_VALUE);
    }

    /**
     * More leaves are in use, more mappings are there.
     *
     * @param leaves in use
     * @param records mappings
     * @return false: there may not be so many of the one or the other, and nothing changed
     */
    public boolean take(int leaves, int records) {
        while (true) {
            long seen = uses;
            if ((leaves != 0 && (int) (seen >>> 32) > maxActive - leaves)
                    || (records != 0 && (int) seen > maxMappings - records)) {
                return false;
            }
            if (USES.compareAndSet(this, seen, seen + counted(leaves, records))) {
                return true;
            }
        }
    }

    /**
     * Fewer leaves are in use, fewer mappings are there.
     *
     * @param leaves in use no more
     * @param records mappings that ended
     */
    public void give(int leaves, int records) {
        USES.getAndAdd(this, -counted(leaves, records));
    }

    /** Whether more is in use than may be: a bound was lowered since. */
    boolean isOver() {
        long seen = uses;
        return (int) (seen >>> 32) > maxActive || (int) seen > maxMappings;
    }

    private static long counted(int leaves, int records) {
        return ((long) leaves << 32) + records;
    }

    /** Leaves in use. */
    public int active() {
        return (int) (uses >>> 32);
    }

    /** Mappings that there are. */
    public int mappings() {
        return (int) uses;
    }

    /** Names the last TREE_PAUSED in the grantee's ring, or 0; under the tree's monitor. */
    public long pauseTold() {
        return pauseTold;
    }

    /** The grantee was told of another pause; under the tree's monitor. */
    public void setPauseTold(long request) {
        pauseTold = request;
    }

    /** Names the last TREE_RESUMED in the grantee's ring, or 0; under the tree's monitor. */
    public long resumptionTold() {
        return resumptionTold;
    }

    /** The grantee was told of another resumption; under the tree's monitor. */
    public void setResumptionTold(long request) {
        resumptionTold = request;
    }

    /** Names the last REVOKE_REQUEST in the grantee's ring, or 0; under the tree's monitor. */
    public long requestTold() {
        return requestTold;
    }

    /** The grantee was asked once more; under the tree's monitor. */
    public void setRequestTold(long request) {
        requestTold = request;
    }
}
