package grantlab.benchmark;

import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;

/**
 * One vCPU that maps leaves of a tree and unmaps them again, one element or several in a hypercall. Each hypercall has arguments
 * of its own in the guest's memory, written once and for all except for the handles, which the guest moves from the elements of
 * v3_map to those of v3_unmap while it looks at the statuses, as {@link Mapper} does.
 */
final class LeafMapper {
    private static final long NONE = -1;

    private final MachineMemory memory;
    private final Vcpu vcpu;
    private final int batch;

    /** By hypercall: where the heads and the elements lie, as the guest names them and in the machine. */
    private final long[] mapHead;

    private final long[] unmapHead;
    private final long[] mapElements;
    private final long[] unmapElements;

    /**
     * What is mapped: elements of one size, at references and places one after the other.
     *
     * @param reference of the first page
     * @param elements how many there are
     * @param order of each mapping
     * @param pages of each element, a multiple of those of the order
     * @param place guest address at which the first page comes
     */
    record Leaves(long reference, int elements, int order, int pages, long place) {}

    /**
     * Writes the arguments.
     *
     * @param laboratory that the grantee is in
     * @param grantee who maps
     * @param leaves what it maps
     * @param batch elements in a hypercall, at most 64
     */
    LeafMapper(Laboratory laboratory, Guest grantee, Leaves leaves, int batch) {
        this.memory = laboratory.machine().memory();
        this.vcpu = grantee.vcpu();
        this.batch = batch;
        int calls = leaves.elements() / batch;
        mapHead = new long[calls];
        unmapHead = new long[calls];
        mapElements = new long[calls];
        unmapElements = new long[calls];
        Pages pages = new Pages(grantee);
        for (int call = 0; call < calls; call++) {
            mapElements[call] = pages.take(batch * V3Map.SIZE);
            mapHead[call] = head(pages, V3Map.SIZE);
            unmapElements[call] = pages.take(batch * V3Unmap.SIZE);
            unmapHead[call] = head(pages, V3Unmap.SIZE);
            for (int i = 0; i < batch; i++) {
                int element = call * batch + i;
                writeMap(laboratory, grantee, leaves, element, mapElements[call] + (long) i * V3Map.SIZE);
                memory.store32(unmapElements[call] + (long) i * V3Unmap.SIZE + V3Unmap.COUNT, leaves.pages());
            }
        }
    }

    /** Pages of the guest's in which structs find room; each lies in one page. */
    private static final class Pages {
        private final Guest guest;
        private long page;
        private int used = Page.SIZE;
        private long lastFrame;
        private int lastOffset;

        Pages(Guest guest) {
            this.guest = guest;
        }

        /** Machine address of so many bytes, all zero. */
        long take(int bytes) {
            if (used + bytes > Page.SIZE) {
                page = guest.kernel().allocatePages(Page.ORDER_4K);
                if (page == NONE) {
                    throw new IllegalStateException("the grantee has too few pages for its arguments");
                }
                used = 0;
            }
            lastFrame = guest.kernel().frameOf(page);
            lastOffset = used;
            used += bytes;
            return guest.addressSpace().argument(page, true) + lastOffset;
        }
    }

    /** The head for the elements for which room was found last; as the guest names it. */
    private long head(Pages pages, int elementSize) {
        long frame = pages.lastFrame;
        int offset = pages.lastOffset;
        long head = pages.take(V3Batch.SIZE);
        memory.store16(head + V3Head.STRUCT_SIZE, (short) V3Batch.SIZE);
        memory.store16(head + V3Head.VERSION, (short) V3Head.THREE);
        memory.store64(head + V3Batch.FIRST_GFN, frame);
        memory.store32(head + V3Batch.OFFSET, offset);
        memory.store32(head + V3Batch.COUNT, batch);
        memory.store32(head + V3Batch.ELEMENT_SIZE, elementSize);
        return Page.address(pages.lastFrame) | pages.lastOffset;
    }

    private void writeMap(Laboratory laboratory, Guest grantee, Leaves leaves, int element, long at) {
        boolean translated = grantee.translated();
        long place = leaves.place() + Page.address((long) element * leaves.pages());
        memory.store64(at + V3Map.REF, leaves.reference() + (long) element * leaves.pages());
        memory.store64(
                at + V3Map.DEST,
                translated ? Page.frame(place) : grantee.addressSpace().entryAddress(place));
        memory.store16(at + V3Map.PEER, (short) laboratory.granter());
        memory.store16(at + V3Map.FLAGS, (short) (V3Map.HOST | V3Map.WRITE | (translated ? 0 : V3Map.DEST_PTE)));
        memory.store8(at + V3Map.ORDER_REQ, (byte) leaves.order());
        memory.store8(at + V3Map.ORDER_MIN, (byte) leaves.order());
        memory.store32(at + V3Map.COUNT, leaves.pages());
    }

    /** Maps all elements and unmaps them, hypercall by hypercall. */
    void run() {
        for (int call = 0; call < mapHead.length; call++) {
            map(call);
            unmap(call);
        }
    }

    /** Maps all elements. */
    void mapAll() {
        for (int call = 0; call < mapHead.length; call++) {
            map(call);
        }
    }

    /** Unmaps what {@link #mapAll} mapped. */
    void unmapAll() {
        for (int call = 0; call < unmapHead.length; call++) {
            unmap(call);
        }
    }

    private void map(int call) {
        call(GnttabOp.V3_MAP, mapHead[call]);
        long map = mapElements[call];
        long unmap = unmapElements[call];
        int statuses = 0;
        for (int i = 0; i < batch; i++) {
            statuses |= memory.load32(map + V3Map.STATUS);
            memory.store64(unmap + V3Unmap.HANDLE, memory.load64(map + V3Map.HANDLE));
            map += V3Map.SIZE;
            unmap += V3Unmap.SIZE;
        }
        if (statuses != 0) {
            throw new IllegalStateException("a leaf could not be mapped");
        }
    }

    /** An element that failed leaves a mapping, which the audit at the end finds. */
    private void unmap(int call) {
        call(GnttabOp.V3_UNMAP, unmapHead[call]);
    }

    private void call(int operation, long head) {
        long result = vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, head, 1);
        if (result != 0) {
            throw new IllegalStateException("grant_table_op " + operation + " answers " + result);
        }
    }
}
