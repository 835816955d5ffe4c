package grantlab.hypervisor.guest;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.V3Batch;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Head;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Probe;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3Revoke;
import grantlab.api.abi.V3TreeCreate;
import grantlab.api.abi.V3TreeRecord;
import grantlab.api.abi.V3TreeUpdate;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.GuestKernel.FoundTree;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;

/** How a laboratory guest speaks the calls of grants v3: one element for each call, behind its batch in the argument page. */
final class TreeCalls {
    private static final int ELEMENT = 128;

    /** Elements of map and unmap in a call: a round of a device has no more. */
    private static final int MOST_ELEMENTS = 32;

    private static final int CALL_FAILED = -1000;
    private static final int NO_DEVICE = -1;

    /** The page of lists, from the first page of arguments. */
    private static final int LIST = 2 * Page.SIZE;

    private static final int MOST_RECORDS = Page.SIZE / V3TreeRecord.SIZE;

    private final Guest guest;
    private final Vcpu vcpu;

    TreeCalls(Guest guest, Vcpu vcpu) {
        this.guest = guest;
        this.vcpu = vcpu;
    }

    long create(int peer, int deviceId, long rootFrame, int levels, long indexLimit) {
        boolean device = deviceId != NO_DEVICE;
        head(
                V3TreeCreate.SIZE,
                V3TreeCreate.LARGE_OK | (device ? V3TreeCreate.DEVICE | V3TreeCreate.REVOCABLE_ONLY : 0));
        store(V3TreeCreate.PEER, 2, peer);
        store(V3TreeCreate.LEVELS, 1, levels);
        store(V3TreeCreate.PAGE_SHIFT, 1, Page.SHIFT);
        store(V3TreeCreate.ROOT_GFN, 8, rootFrame);
        store(V3TreeCreate.INDEX_LIMIT, 8, indexLimit);
        store(V3TreeCreate.RING_ID, 4, V3TreeCreate.NONE);
        store(V3TreeCreate.DEV_ID, 4, device ? deviceId : V3TreeCreate.NONE);
        int status = structAnswer(GnttabOp.V3_TREE_CREATE, V3TreeCreate.STATUS);
        return status != 0 ? status : load(V3TreeCreate.BASE_REF, 8);
    }

    int grow(long reference, long rootFrame, long indexLimit) {
        head(V3TreeUpdate.SIZE, V3TreeUpdate.GROW);
        store(V3TreeUpdate.SLOT, 2, V3Ref.slot(reference));
        store(V3TreeUpdate.GEN, 1, V3Ref.generation(reference));
        store(V3TreeUpdate.ROOT, 8, rootFrame);
        store(V3TreeUpdate.INDEX_LIMIT, 8, indexLimit);
        return structAnswer(GnttabOp.V3_TREE_UPDATE, V3TreeUpdate.STATUS);
    }

    int invalidate(long reference, int level) {
        head(V3Invalidate.SIZE, 0);
        store(V3Invalidate.SLOT, 2, V3Ref.slot(reference));
        store(V3Invalidate.GEN, 1, V3Ref.generation(reference));
        store(V3Invalidate.LEVEL, 1, level);
        store(V3Invalidate.PREFIX, 8, V3Ref.index(reference));
        return structAnswer(GnttabOp.V3_INVALIDATE, V3Invalidate.STATUS);
    }

    int revoke(long reference) {
        head(V3Revoke.SIZE, V3Revoke.FORCE);
        store(V3Revoke.SLOT, 2, V3Ref.slot(reference));
        store(V3Revoke.GEN, 1, V3Ref.generation(reference));
        store(V3Revoke.SCRATCH_GFN, 8, V3Revoke.NO_SCRATCH);
        store(V3Revoke.FIRST, 8, V3Ref.index(reference));
        store(V3Revoke.COUNT, 8, 1);
        return structAnswer(GnttabOp.V3_REVOKE, V3Revoke.STATUS);
    }

    /** The page of lists receives records; a full page may not be all. */
    int find(int granter, int deviceId, FoundTree tree) {
        int slot = 1;
        int told = MOST_RECORDS;
        while (told == MOST_RECORDS && slot < V3Ref.SLOTS) {
            int status = probe(granter, deviceId, slot);
            if (status != 0) {
                return status;
            }
            told = (int) load(V3Probe.DONE, 4);
            for (int n = 0; n < told; n++) {
                int record = LIST + n * V3TreeRecord.SIZE;
                if ((int) load(record + V3TreeRecord.DEV_ID, 4) == deviceId) {
                    tree.reference = load(record + V3TreeRecord.BASE_REF, 8);
                    tree.epoch = (int) load(record + V3TreeRecord.EPOCH, 4);
                    tree.indexLimit = load(record + V3TreeRecord.INDEX_LIMIT, 8);
                    return Status.OKAY;
                }
                slot = (int) load(record + V3TreeRecord.SLOT, 2) + 1;
            }
        }
        return Status.BAD_TREE;
    }

    /** Trees of no device cannot be asked for alone: every tree is told then. */
    private int probe(int granter, int deviceId, int firstSlot) {
        head(V3Probe.SIZE, 0);
        store(V3Probe.PEER, 2, granter);
        store(V3Probe.MODE, 1, V3Probe.TREES);
        store(V3Probe.DEV_ID, 4, deviceId == NO_DEVICE ? V3Probe.ANY_DEVICE : deviceId);
        store(V3Probe.REF, 8, V3Ref.of(firstSlot, 0, 0));
        store(V3Probe.COUNT, 4, MOST_RECORDS);
        store(V3Probe.RESULT_GFN, 8, guest.frameNumber(guest.argumentPages() + LIST));
        return structAnswer(GnttabOp.V3_PROBE, V3Probe.STATUS);
    }

    int map(int peer, long reference, int epoch, long slot, int order, int access, MappedGrant mapping) {
        batch(V3Map.SIZE, 1);
        putMap(ELEMENT, peer, reference, epoch, slot, order, access);
        int status = elementAnswer(GnttabOp.V3_MAP, V3Map.STATUS);
        if (status == 0) {
            takeMap(ELEMENT, mapping);
            mapping.address = slot;
        }
        return status;
    }

    /** Maps one page each; answers how many hypercalls that took. */
    int mapAll(int peer, int epoch, MappedGrant[] mappings, int count) {
        int calls = 0;
        for (int from = 0; from < count; from += MOST_ELEMENTS, calls++) {
            int part = Math.min(MOST_ELEMENTS, count - from);
            batch(V3Map.SIZE, part);
            for (int n = 0; n < part; n++) {
                MappedGrant each = mappings[from + n];
                putMap(ELEMENT + n * V3Map.SIZE, peer, each.reference, epoch, each.address, Page.ORDER_4K, each.access);
            }
            long result = call(GnttabOp.V3_MAP);
            for (int n = 0; n < part; n++) {
                MappedGrant each = mappings[from + n];
                int element = ELEMENT + n * V3Map.SIZE;
                each.status = result == 0 ? (int) load(element + V3Map.STATUS, 4) : failed(result);
                takeMap(element, each);
            }
        }
        return calls;
    }

    private void putMap(int element, int peer, long reference, int epoch, long slot, int order, int access) {
        boolean translated = guest.translated();
        long dest = translated ? Page.frame(slot) : guest.addressSpace().entryAddress(slot);
        store(element + V3Map.REF, 8, reference);
        store(element + V3Map.DEST, 8, dest);
        store(element + V3Map.PEER, 2, peer);
        int flags = V3Map.HOST
                | V3Map.ACCEPT_FAULT
                | (Access.writes(access) ? V3Map.WRITE : 0)
                | (translated ? 0 : V3Map.DEST_PTE);
        store(element + V3Map.FLAGS, 2, flags);
        store(element + V3Map.ORDER_REQ, 1, order);
        store(element + V3Map.ORDER_MIN, 1, order);
        store(element + V3Map.COUNT, 4, 1L << order);
        store(element + V3Map.EPOCH, 4, epoch);
    }

    private void takeMap(int element, MappedGrant mapping) {
        mapping.handle = load(element + V3Map.HANDLE, 8);
        mapping.deviceAddress = load(element + V3Map.DEV_ADDR, 8);
        mapping.order = (int) load(element + V3Map.ORDER_GOT, 1);
        mapping.tree = true;
    }

    int unmap(MappedGrant mapping) {
        batch(V3Unmap.SIZE, 1);
        putUnmap(ELEMENT, mapping);
        return elementAnswer(GnttabOp.V3_UNMAP, V3Unmap.STATUS);
    }

    /** Undoes mappings; answers how many hypercalls that took. */
    int unmapAll(MappedGrant[] mappings, int count) {
        int calls = 0;
        for (int from = 0; from < count; from += MOST_ELEMENTS, calls++) {
            int part = Math.min(MOST_ELEMENTS, count - from);
            batch(V3Unmap.SIZE, part);
            for (int n = 0; n < part; n++) {
                putUnmap(ELEMENT + n * V3Unmap.SIZE, mappings[from + n]);
            }
            long result = call(GnttabOp.V3_UNMAP);
            for (int n = 0; n < part; n++) {
                mappings[from + n].status =
                        result == 0 ? (int) load(ELEMENT + n * V3Unmap.SIZE + V3Unmap.STATUS, 4) : failed(result);
            }
        }
        return calls;
    }

    private void putUnmap(int element, MappedGrant mapping) {
        store(element + V3Unmap.HANDLE, 8, mapping.handle);
        store(element + V3Unmap.COUNT, 4, 1L << mapping.order);
    }

    int copy(int peer, long reference, int epoch, int offset, long address, int length, boolean toRemote) {
        batch(V3Copy.SIZE, 1);
        store(ELEMENT + V3Copy.LOCAL_GFN, 8, guest.frameNumber(address));
        store(ELEMENT + V3Copy.REF, 8, reference);
        store(ELEMENT + V3Copy.LOCAL_OFFSET, 4, Page.offset(address));
        store(ELEMENT + V3Copy.REMOTE_OFFSET, 4, offset);
        store(ELEMENT + V3Copy.LENGTH, 4, length);
        store(ELEMENT + V3Copy.PEER, 2, peer);
        store(ELEMENT + V3Copy.EPOCH, 4, epoch);
        store(ELEMENT + V3Copy.FLAGS, 2, toRemote ? V3Copy.TO_REMOTE : 0);
        return elementAnswer(GnttabOp.V3_COPY, V3Copy.STATUS);
    }

    private void head(int size, int flags) {
        clear(0, size);
        store(V3Head.STRUCT_SIZE, 2, size);
        store(V3Head.VERSION, 2, V3Head.THREE);
        store(V3Head.FLAGS, 4, flags);
    }

    private void batch(int elementSize, int count) {
        head(V3Batch.SIZE, 0);
        clear(ELEMENT, count * elementSize);
        store(V3Batch.FIRST_GFN, 8, argumentFrame());
        store(V3Batch.OFFSET, 4, ELEMENT);
        store(V3Batch.COUNT, 4, count);
        store(V3Batch.ELEMENT_SIZE, 4, elementSize);
    }

    private int structAnswer(int operation, int statusOffset) {
        long result = call(operation);
        return result == 0 ? (int) load(statusOffset, 4) : failed(result);
    }

    private int elementAnswer(int operation, int statusOffset) {
        return structAnswer(operation, ELEMENT + statusOffset);
    }

    private static int failed(long result) {
        return CALL_FAILED + (int) Math.max(result, -4095);
    }

    private long call(int operation) {
        return vcpu.hypercall(Hypercall.GRANT_TABLE_OP, operation, Page.address(argumentFrame()), 1);
    }

    private long argumentFrame() {
        return guest.frameNumber(guest.argumentPages());
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
