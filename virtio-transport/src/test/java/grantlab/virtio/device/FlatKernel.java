package grantlab.virtio.device;

import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import java.util.ArrayDeque;
import java.util.Deque;

/** A kernel that has pages and a CPU, and no hypervisor. */
final class FlatKernel implements GuestKernel {
    final Deque<Long> freePages = new ArrayDeque<>();
    private final Vcpu vcpu;

    FlatKernel(Vcpu vcpu) {
        this.vcpu = vcpu;
    }

    @Override
    public Vcpu vcpu() {
        return vcpu;
    }

    @Override
    public long allocatePages(int order) {
        return freePages.isEmpty() ? -1 : freePages.remove();
    }

    @Override
    public void freePages(long address, int order) {
        freePages.add(address);
    }

    @Override
    public long frameOf(long address) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean translated() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long allocateSlot(int order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void freeSlot(long address, int order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long argumentPage() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long tableFrame(int n) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long statusFrame(int n) {
        throw new UnsupportedOperationException();
    }

    @Override
    public GuestTable table(int peer, int deviceId) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long allocateIndices(GuestTable table, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void freeIndices(GuestTable table, long first, int count) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int findTree(int granter, int deviceId, FoundTree tree) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long createTree(int peer, int deviceId, long rootAddress, int levels, long indexLimit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int growTree(long reference, long rootAddress, long indexLimit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int invalidateTree(long reference, int level) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int revokeTree(long reference) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int mapForeign(int domid, long frame, long slot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int unmapForeign(long slot) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int map(int peer, long reference, int epoch, long slot, int order, int access, MappedGrant result) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int unmap(MappedGrant mapping) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int copyFrom(int peer, long reference, int epoch, int offset, long address, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int copyTo(int peer, long reference, int epoch, int offset, long address, int length) {
        throw new UnsupportedOperationException();
    }
}
