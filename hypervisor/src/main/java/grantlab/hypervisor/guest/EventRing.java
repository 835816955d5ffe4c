package grantlab.hypervisor.guest;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3GranteeCtl;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3RingEntry;
import grantlab.api.abi.V3RingHeader;
import grantlab.api.abi.V3RingRegister;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import java.util.Arrays;
import java.util.BitSet;

/**
 * A ring of events as a guest uses it (grant-v3.md, section 9): pages of its own, registered by a hypercall, and read without any.
 * It knows by seq alone whether an entry is there, since prod may be seen before the entry; it says in cons how far it has read.
 * Everything it does, it does with its vCPU. One thread at a time.
 */
public final class EventRing {
    private static final int ENTRIES_OF_PAGE = Page.SIZE / V3RingEntry.SIZE;

    private final GuestKernel kernel;
    private final Vcpu vcpu;

    /** Guest addresses: the header, then the data pages. */
    private final long[] pages;

    private final int id;
    private int position;

    /** One event; reused. Fields as in {@link V3RingEntry}. */
    public static final class Event {
        /** What happened. */
        public int type;

        /** Of the tree. */
        public int slot;

        /** Of the tree. */
        public int generation;

        /** Depends on the type. */
        public long first;

        /** Depends on the type. */
        public long count;

        /** Of the leaves. */
        public int order;

        /** Depends on the type. */
        public int reason;

        /** The tree's, or the call's. */
        public long cookie;

        /** Empty. */
        public Event() {}
    }

    private EventRing(GuestKernel kernel, long[] pages, int id) {
        this.kernel = kernel;
        this.vcpu = kernel.vcpu();
        this.pages = pages;
        this.id = id;
    }

    /**
     * Registers a ring in fresh pages.
     *
     * @param kernel of the guest
     * @param dataPages 1, 2, 4, 8 or 16
     * @param kind GRANTER or GRANTEE of {@link V3RingRegister}
     * @param port that is notified
     * @throws IllegalStateException when the hypervisor refuses; the message has the status
     */
    public static EventRing register(GuestKernel kernel, int dataPages, int kind, int port) {
        long[] pages = new long[dataPages + 1];
        Arrays.setAll(pages, n -> kernel.allocatePages(Page.ORDER_4K));
        long list = kernel.allocatePages(Page.ORDER_4K);
        for (int n = 0; n <= dataPages; n++) {
            store(kernel, list + (long) n * Long.BYTES, Long.BYTES, kernel.frameOf(pages[n]));
        }
        head(kernel, V3RingRegister.SIZE, 0);
        argument(kernel, V3RingRegister.LIST_GFN, Long.BYTES, kernel.frameOf(list));
        argument(kernel, V3RingRegister.PAGES, Integer.BYTES, dataPages);
        argument(kernel, V3RingRegister.PORT, Integer.BYTES, port);
        argument(kernel, V3RingRegister.KIND, Integer.BYTES, kind);
        int status = call(kernel, GnttabOp.V3_RING_REGISTER, V3RingRegister.STATUS);
        kernel.freePages(list, Page.ORDER_4K);
        if (status != 0) {
            throw new IllegalStateException("v3_ring_register answers " + status);
        }
        int id = (int) load(kernel, kernel.argumentPage() + V3RingRegister.RING_ID, Integer.BYTES);
        return new EventRing(kernel, pages, id);
    }

    /** What names it. */
    public int id() {
        return id;
    }

    /** Guest address of a field of the header. */
    public long header(int field) {
        return pages[0] + field;
    }

    /**
     * Guest address of an entry.
     *
     * @param at any position
     */
    public long entry(int at) {
        int index = at & (pages.length - 1) * ENTRIES_OF_PAGE - 1;
        return pages[1 + index / ENTRIES_OF_PAGE] + (long) (index % ENTRIES_OF_PAGE) * V3RingEntry.SIZE;
    }

    /**
     * Takes the next event, if it is there.
     *
     * @param event is filled
     * @return false: there is none
     */
    public boolean next(Event event) {
        long entry = entry(position);
        if ((int) load(entry + V3RingEntry.SEQ, Integer.BYTES) != position + 1) {
            return false;
        }
        event.first = load(entry + V3RingEntry.FIRST, Long.BYTES);
        event.slot = (int) load(entry + V3RingEntry.SLOT, Short.BYTES);
        event.generation = (int) load(entry + V3RingEntry.GEN, 1);
        event.count = load(entry + V3RingEntry.COUNT, Integer.BYTES);
        event.type = (int) load(entry + V3RingEntry.TYPE, Short.BYTES);
        event.order = (int) load(entry + V3RingEntry.ORDER, 1);
        event.reason = (int) load(entry + V3RingEntry.REASON, 1);
        event.cookie = load(entry + V3RingEntry.COOKIE, Long.BYTES);
        position++;
        store(kernel, header(V3RingHeader.CONS), Integer.BYTES, position);
        return true;
    }

    /** Reads on at another position: that at which the hypervisor is, after it was set there. */
    public void seek(int newPosition) {
        position = newPosition;
    }

    /**
     * Takes the marks of trees that lost events. Whoever takes them looks at the trees afterwards, not before.
     *
     * @return slots
     */
    public BitSet takeDirty() {
        BitSet dirty = new BitSet();
        for (int word = 0; word < Page.SIZE / Long.BYTES / Byte.SIZE; word++) {
            long address = header(V3RingHeader.DIRTY) + (long) word * Long.BYTES;
            long seen = load(address, Long.BYTES);
            while (seen != 0) {
                own(kernel, vcpu.compareAndExchange(address, Long.BYTES, seen, 0));
                long witness = vcpu.value();
                if (witness == seen) {
                    dirty.or(slots(word, seen));
                    break;
                }
                seen = witness;
            }
        }
        return dirty;
    }

    private static BitSet slots(int word, long bits) {
        BitSet slots = new BitSet();
        BitSet.valueOf(new long[] {bits}).stream().forEach(bit -> slots.set(word * Long.SIZE + bit));
        return slots;
    }

    /**
     * Hears of a granter's trees here.
     *
     * @param granter a domid or a virtual domid
     * @return zero or a status
     */
    public int serve(int granter) {
        return choose(kernel, granter, id);
    }

    /**
     * Hears of a granter's trees nowhere.
     *
     * @param kernel of the grantee
     * @param granter a domid or a virtual domid
     * @return zero or a status
     */
    public static int serveNowhere(GuestKernel kernel, int granter) {
        return choose(kernel, granter, -1);
    }

    private static int choose(GuestKernel kernel, int granter, int ring) {
        head(kernel, V3GranteeCtl.SIZE, V3GranteeCtl.RING_SET);
        argument(kernel, V3GranteeCtl.RING_ID, Integer.BYTES, ring);
        argument(kernel, V3GranteeCtl.GRANTER, Short.BYTES, granter);
        return call(kernel, GnttabOp.V3_GRANTEE_CTL, V3GranteeCtl.STATUS);
    }

    /**
     * Removes the ring; its pages are the kernel's again.
     *
     * @return zero or a status, and then it is still there
     */
    public int remove() {
        head(kernel, V3RingRegister.SIZE, V3RingRegister.REMOVE);
        argument(kernel, V3RingRegister.RING_ID, Integer.BYTES, id);
        int status = call(kernel, GnttabOp.V3_RING_REGISTER, V3RingRegister.STATUS);
        if (status == 0) {
            for (long page : pages) {
                kernel.freePages(page, Page.ORDER_4K);
            }
        }
        return status;
    }

    private static void head(GuestKernel kernel, int size, int flags) {
        for (int at = 0; at < size; at += Long.BYTES) {
            argument(kernel, at, Long.BYTES, 0);
        }
        argument(kernel, V3Head.STRUCT_SIZE, Short.BYTES, size);
        argument(kernel, V3Head.VERSION, Short.BYTES, V3Head.THREE);
        argument(kernel, V3Head.FLAGS, Integer.BYTES, flags);
    }

    private static int call(GuestKernel kernel, int operation, int statusOffset) {
        long struct = Page.address(kernel.frameOf(kernel.argumentPage()));
        long result = kernel.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, operation, struct, 1);
        if (result != 0) {
            throw new IllegalStateException("grant_table_op " + operation + " answers " + result);
        }
        return (int) load(kernel, kernel.argumentPage() + statusOffset, Integer.BYTES);
    }

    private static void argument(GuestKernel kernel, int offset, int bytes, long value) {
        store(kernel, kernel.argumentPage() + offset, bytes, value);
    }

    private long load(long address, int bytes) {
        return load(kernel, address, bytes);
    }

    private static long load(GuestKernel kernel, long address, int bytes) {
        own(kernel, kernel.vcpu().load(address, bytes));
        return kernel.vcpu().value();
    }

    private static void store(GuestKernel kernel, long address, int bytes, long value) {
        own(kernel, kernel.vcpu().store(address, bytes, value));
    }

    private static void own(GuestKernel kernel, int fault) {
        if (fault != 0) {
            throw new IllegalStateException("domain " + kernel.vcpu().domid() + " lost its ring: fault " + fault);
        }
    }
}
