package grantlab.grant.tree.guest;

import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.grant.tree.TreeWorld;
import java.lang.foreign.MemorySegment;

/** A guest with one CPU that can nothing: what a test needs of it, it adds. */
public abstract class BareKernel implements GuestKernel, Vcpu {
    protected BareKernel() {}

    @Override
    public Vcpu vcpu() {
        return this;
    }

    @Override
    public int domid() {
        return TreeWorld.GRANTER;
    }

    @Override
    public int number() {
        return 0;
    }

    @Override
    public boolean running() {
        return true;
    }

    @Override
    public boolean translated() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long allocatePages(int order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void freePages(long address, int order) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long frameOf(long address) {
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
    public int faultErrorCode() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long hypercall(int number, long a, long b, long c) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long hypercall(int number, long a, long b, long c, long d) {
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
    public int loadBytes(long address, MemorySegment into, long at, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int storeBytes(long address, MemorySegment from, long at, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long notifications(int port) {
        return 0;
    }

    @Override
    public void flushTlb() {
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
