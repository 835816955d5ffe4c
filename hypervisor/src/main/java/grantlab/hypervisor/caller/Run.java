package grantlab.hypervisor.caller;

import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
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

    /** Machine address 0 of devices may be a page: this is none. */
    private static final long NO_ADDRESS = -1;

    private @Nullable Domain granter;
    private @Nullable Tree tree;
    private long index;

    /** As it is given. */
    public long reference;

    /** The granter's number, as the caller says it. */
    public int peer;

    /** Of the binding, for which the caller means it. */
    public long epoch;

    /** {@link V3Map}'s. */
    public int flags;

    /** The order that is asked for, or {@link V3Map#BEST}. */
    public int wanted;

    /** The smallest order that will do. */
    public int enough;

    /** Fields that must be zero, all of them put together by OR. */
    public int reserved;

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

    /** What names all that is mapped, once something is. */
    public long handle;

    /** Pages that are mapped. */
    public int done;

    /** Mappings since others had their turn. */
    public int sinceSlice;

    /** The smallest order that was mapped. */
    public int smallest;

    /** Where devices reach the first page, if the caller is to know; else all ones. */
    public long deviceAddress;

    /** What the caller is told of the first entry. */
    public int entryGeneration;

    private int orderGot;

    /** Nothing. */
    public Run() {}

    /**
     * Another run: its element, read once.
     *
     * @param arguments hold a copy of it
     */
    public void read(FrameArguments arguments) {
        reference = arguments.u64(V3Map.REF);
        dest = arguments.u64(V3Map.DEST);
        peer = arguments.u16(V3Map.PEER);
        flags = arguments.u16(V3Map.FLAGS);
        wanted = arguments.u8(V3Map.ORDER_REQ);
        enough = arguments.u8(V3Map.ORDER_MIN);
        count = (int) arguments.u32(V3Map.COUNT);
        epoch = arguments.u32(V3Map.EPOCH);
        reserved = arguments.u16(V3Map.ZERO_22) | arguments.u16(V3Map.ZERO_54) | (int) arguments.u32(V3Map.ZERO_60);
        orderGot = arguments.u8(V3Map.ORDER_GOT);
        entryGeneration = arguments.u8(V3Map.ENTRY_GEN);
        index = V3Ref.slot(reference) != 0 ? V3Ref.index(reference) : reference;
        done = 0;
        handle = 0;
        deviceAddress = NO_ADDRESS;
        sinceSlice = 0;
        smallest = Page.ORDER_1G;
    }

    /**
     * Writes the answer into the copy.
     *
     * @param arguments from which it was read
     * @param status zero or negative
     */
    public void answer(FrameArguments arguments, int status) {
        arguments.set32(V3Map.DONE, done);
        arguments.set64(V3Map.HANDLE, handle);
        arguments.set64(V3Map.DEV_ADDR, deviceAddress);
        arguments.set8(V3Map.ORDER_GOT, done != 0 ? smallest : orderGot);
        arguments.set8(V3Map.ENTRY_GEN, entryGeneration);
        arguments.set32(V3Map.STATUS, status);
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
