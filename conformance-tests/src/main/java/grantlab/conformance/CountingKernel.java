package grantlab.conformance;

import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;

/**
 * A guest kernel whose work is counted: what format code does goes through the counting CPU, and each call that the
 * kernel makes for a driver is one hypercall.
 */
final class CountingKernel implements GuestKernel {
    private final GuestKernel kernel;
    private final CountingVcpu vcpu;

    CountingKernel(GuestKernel kernel, CountingVcpu vcpu) {
        this.kernel = kernel;
        this.vcpu = vcpu;
    }

    @Override
    public Vcpu vcpu() {
        return vcpu;
    }

    @Override
    public long allocatePages(int order) {
        return kernel.allocatePages(order);
    }

    @Override
    public void freePages(long address, int order) {
        kernel.freePages(address, order);
    }

    @Override
    public long frameOf(long address) {
        return kernel.frameOf(address);
    }

    @Override
    public boolean translated() {
        return kernel.translated();
    }

    @Override
    public long allocateSlot(int order) {
        return kernel.allocateSlot(order);
    }

    @Override
    public void freeSlot(long address, int order) {
        kernel.freeSlot(address, order);
    }

    @Override
    public long argumentPage() {
        return kernel.argumentPage();
    }

    @Override
    public long tableFrame(int n) {
        return kernel.tableFrame(n);
    }

    @Override
    public long statusFrame(int n) {
        return kernel.statusFrame(n);
    }

    @Override
    public long createTree(int peer, int deviceId, long rootAddress, int levels, long indexLimit) {
        vcpu.countHypercall();
        return kernel.createTree(peer, deviceId, rootAddress, levels, indexLimit);
    }

    @Override
    public int growTree(long reference, long rootAddress, long indexLimit) {
        vcpu.countHypercall();
        return kernel.growTree(reference, rootAddress, indexLimit);
    }

    @Override
    public int invalidateTree(long reference, int level) {
        vcpu.countHypercall();
        return kernel.invalidateTree(reference, level);
    }

    @Override
    public int map(int peer, long reference, long slot, int order, int access, MappedGrant result) {
        vcpu.countHypercall();
        return kernel.map(peer, reference, slot, order, access, result);
    }

    @Override
    public int unmap(MappedGrant mapping) {
        vcpu.countHypercall();
        return kernel.unmap(mapping);
    }

    @Override
    public int copyFrom(int peer, long reference, int offset, long address, int length) {
        vcpu.countHypercall();
        return kernel.copyFrom(peer, reference, offset, address, length);
    }

    @Override
    public int copyTo(int peer, long reference, int offset, long address, int length) {
        vcpu.countHypercall();
        return kernel.copyTo(peer, reference, offset, address, length);
    }
}
