package grantlab.hypervisor.guest;

import grantlab.api.Access;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** How a laboratory guest speaks the calls of grants v3: one element for each call, behind its frame in the argument page. */
final class TreeCalls {
    private static final int ELEMENT = 128;
    private static final int LARGEST_ELEMENT = 64;
    private static final long NONE = 0xffff_ffffL;
    private static final int CALL_FAILED = -1000;

    private final Guest guest;
    private final Vcpu vcpu;

    TreeCalls(Guest guest, Vcpu vcpu) {
        this.guest = guest;
        this.vcpu = vcpu;
    }

    long create(int peer, long rootFrame, int levels, long indexLimit) {
        clear(0, V3TreeCreate.SIZE);
        store(V3Head.STRUCT_SIZE, 2, V3TreeCreate.SIZE);
        store(V3Head.VERSION, 2, V3Head.THREE);
        store(V3TreeCreate.PEER, 2, peer);
        store(V3TreeCreate.LEVELS, 1, levels);
        store(V3TreeCreate.PAGE_SHIFT, 1, Page.SHIFT);
        store(V3TreeCreate.ROOT_GFN, 8, rootFrame);
        store(V3TreeCreate.INDEX_LIMIT, 8, indexLimit);
        store(V3TreeCreate.RING_ID, 4, NONE);
        store(V3TreeCreate.DEV_ID, 4, NONE);
        long result = call(GnttabOp.V3_TREE_CREATE);
        if (result != 0) {
            return CALL_FAILED + result;
        }
        int status = (int) load(V3TreeCreate.STATUS, 4);
        return status != 0 ? status : load(V3TreeCreate.BASE_REF, 8);
    }

    int map(int peer, long reference, long slot, int order, int access, MappedGrant mapping) {
        batch(V3Map.SIZE);
        boolean translated = guest.translated();
        long dest = translated ? Page.frame(slot) : guest.addressSpace().entryAddress(slot);
        store(ELEMENT + V3Map.REF, 8, reference);
        store(ELEMENT + V3Map.DEST, 8, dest);
        store(ELEMENT + V3Map.PEER, 2, peer);
        int flags = V3Map.HOST | (Access.writes(access) ? V3Map.WRITE : 0) | (translated ? 0 : V3Map.DEST_PTE);
        store(ELEMENT + V3Map.FLAGS, 2, flags);
        store(ELEMENT + V3Map.ORDER_REQ, 1, order);
        store(ELEMENT + V3Map.COUNT, 4, 1L << order);
        int status = answer(GnttabOp.V3_MAP, V3Map.STATUS);
        if (status == 0) {
            mapping.handle = load(ELEMENT + V3Map.HANDLE, 8);
            mapping.deviceAddress = load(ELEMENT + V3Map.DEV_ADDR, 8);
            mapping.order = (int) load(ELEMENT + V3Map.ORDER_GOT, 1);
            mapping.address = slot;
            mapping.tree = true;
        }
        return status;
    }

    int unmap(MappedGrant mapping) {
        batch(V3Unmap.SIZE);
        store(ELEMENT + V3Unmap.HANDLE, 8, mapping.handle);
        store(ELEMENT + V3Unmap.COUNT, 4, 1L << mapping.order);
        return answer(GnttabOp.V3_UNMAP, V3Unmap.STATUS);
    }

    int copy(int peer, long reference, int offset, long address, int length, boolean toRemote) {
        batch(V3Copy.SIZE);
        store(ELEMENT + V3Copy.LOCAL_GFN, 8, guest.frameNumber(address));
        store(ELEMENT + V3Copy.REF, 8, reference);
        store(ELEMENT + V3Copy.LOCAL_OFFSET, 4, Page.offset(address));
        store(ELEMENT + V3Copy.REMOTE_OFFSET, 4, offset);
        store(ELEMENT + V3Copy.LENGTH, 4, length);
        store(ELEMENT + V3Copy.PEER, 2, peer);
        store(ELEMENT + V3Copy.FLAGS, 2, toRemote ? V3Copy.TO_REMOTE : 0);
        return answer(GnttabOp.V3_COPY, V3Copy.STATUS);
    }

    private void batch(int elementSize) {
        clear(0, V3Batch.SIZE);
        clear(ELEMENT, LARGEST_ELEMENT);
        store(V3Head.STRUCT_SIZE, 2, V3Batch.SIZE);
        store(V3Head.VERSION, 2, V3Head.THREE);
        store(V3Batch.FIRST_GFN, 8, guest.frameNumber(guest.argumentPages()));
        store(V3Batch.OFFSET, 4, ELEMENT);
        store(V3Batch.COUNT, 4, 1);
        store(V3Batch.ELEMENT_SIZE, 4, elementSize);
    }

    private int answer(int operation, int statusOffset) {
        long result = call(operation);
        return result == 0 ? (int) load(ELEMENT + statusOffset, 4) : CALL_FAILED + (int) Math.max(result, -4095);
    }

    private long call(int operation) {
        return vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, guest.argumentPages(), 1);
    }

    private void clear(int from, int bytes) {
        for (int at = from; at < from + bytes; at += Long.BYTES) {
            store(at, Long.BYTES, 0);
        }
    }

    private void store(int offset, int bytes, long value) {
        own(vcpu.store(guest.argumentPages() + offset, bytes, value));
    }

    private long load(int offset, int bytes) {
        own(vcpu.load(guest.argumentPages() + offset, bytes));
        return vcpu.value();
    }

    private void own(int fault) {
        if (fault != 0) {
            throw new IllegalStateException(
                    "the kernel of domain " + guest.domid() + " lost its argument page: fault " + fault);
        }
    }
}
