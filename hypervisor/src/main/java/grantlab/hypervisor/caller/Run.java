package grantlab.hypervisor.caller;

import grantlab.api.memory.Page;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.tree.Records;
import grantlab.hypervisor.tree.Tree;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What an element of v3_map asks for, read once, and how far it has come. One per vCPU, reused. */
public final class Run {
    /** No order. */
    public static final int NO_ORDER = -1;

    private @Nullable Domain granter;
    private @Nullable Tree tree;
    private long index;

    /** Frame number or address of the page-table entry of the first place. */
    public long dest;

    /** Pages. */
    public int count;

    /** READ or READ | WRITE, with HOST, DEVICE or both. */
    public int access;

    /** What the caller accepts to become of the mappings: {@link grantlab.hypervisor.tree.RecordWord#fates}. */
    public int fates;

    /** The flags of GNTTABOP_map_grant_ref that say the same. */
    public int gntmapFlags;

    /** The order that is tried first. */
    public int largest;

    /** No smaller order is tried. */
    public int least;

    /** Whether smaller orders are tried at all. */
    public boolean smallerToo;

    /** The mapset; or {@link Records#ALONE_SET}. */
    public int set;

    /** The record of the last mapping. */
    public int record;

    /** The handle of a mapping alone. */
    public long handle;

    /** Pages that are mapped. */
    public int done;

    /** Mappings since others had their turn. */
    public int sinceSlice;

    /** The smallest order that was mapped. */
    public int smallest;

    /** Nothing. */
    public Run() {}

    /**
     * Another run.
     *
     * @param first reference of the flat table, or index of the tree
     */
    public void begin(long first) {
        index = first;
        done = 0;
        sinceSlice = 0;
        smallest = Page.ORDER_1G;
    }

    /**
     * Which way it goes.
     *
     * @param of whose memory
     * @param through which tree, or null: through the flat table
     */
    public void go(Domain of, @Nullable Tree through) {
        granter = of;
        tree = through;
    }

    /**
     * More is mapped.
     *
     * @param mappings how many
     * @param order of each
     */
    public void add(int mappings, int order) {
        smallest = Math.min(smallest, order);
        done += mappings << order;
        sinceSlice += mappings;
    }

    /** Whose memory. */
    public Domain granter() {
        return Objects.requireNonNull(granter);
    }

    /** Through which tree, or null: through the flat table. */
    public @Nullable Tree tree() {
        return tree;
    }

    /** Mappings that it makes at most. */
    public int mostMappings() {
        return count >>> least;
    }

    /** The reference of the flat table, or index of the tree, of the next page. */
    public long index() {
        return index + done;
    }

    /** The order to try behind one that was not possible; below every order where there is none. */
    public int next(int order) {
        if (!smallerToo || order == Page.ORDER_4K) {
            return NO_ORDER;
        }
        return order == Page.ORDER_1G ? Page.ORDER_2M : Page.ORDER_4K;
    }

    /** Whether the numbers of both sides admit an order for the next mapping. */
    public boolean admits(int order) {
        if (order == Page.ORDER_4K) {
            return true;
        }
        long numbers = index + done | dest + done;
        return (numbers & (1L << order) - 1) == 0 && count - done >= 1 << order;
    }
}
