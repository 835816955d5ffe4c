package grantlab.conformance;

import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GuestTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.Vcpu;
import grantlab.hypervisor.guest.OwnTables;

/**
 * A guest kernel whose work is counted: what format code does goes through the counting CPU, and each call that the
 * kernel makes for a driver is one hypercall.
 */
final class CountingKernel implements GuestKernel {
    private final GuestKernel kernel;
    private final CountingVcpu vcpu;
    private final OwnTables tables;

    CountingKernel(GuestKernel kernel, CountingVcpu vcpu, GrantFormat format) {
        this.kernel = kernel;
        this.vcpu = vcpu;
        this.tables = new OwnTables(this, format);
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
    public GuestTable table(int peer, int deviceId) {
        return tables.table(peer, deviceId);
    }

    @Override
    public long allocateIndices(GuestTable table, int count) {
        return tables.indices(table).take(count);
    }

    @Override
    public void freeIndices(GuestTable table, long first, int count) {
        tables.indices(table).giveBack(first, count);
    }

    @Override
    public int findTree(int granter, int deviceId, FoundTree tree) {
        vcpu.countHypercall();
        return kernel.findTree(granter, deviceId, tree);
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
    public int revokeTree(long reference) {
        vcpu.countHypercall();
        return kernel.revokeTree(reference);
    }

    @Override
    public int mapForeign(int domid, long frame, long slot) {
        vcpu.countHypercall();
        return kernel.mapForeign(domid, frame, slot);
    }

    @Override
    public int unmapForeign(long slot) {
        vcpu.countHypercall();
        return kernel.unmapForeign(slot);
    }

    @Override
    public int map(int peer, long reference, int epoch, long slot, int order, int access, MappedGrant result) {
        vcpu.countHypercall();
        return kernel.map(peer, reference, epoch, slot, order, access, result);
    }

    @Override
    public int unmap(MappedGrant mapping) {
        vcpu.countHypercall();
        return kernel.unmap(mapping);
    }

    @Override
    public int mapAll(int peer, int epoch, MappedGrant[] mappings, int count) {
        return counted(kernel.mapAll(peer, epoch, mappings, count));
    }

    @Override
    public int unmapAll(MappedGrant[] mappings, int count) {
        return counted(kernel.unmapAll(mappings, count));
    }

    private int counted(int hypercalls) {
        for (int n = 0; n < hypercalls; n++) {
            vcpu.countHypercall();
        }
        return hypercalls;
    }

    @Override
    public int copyFrom(int peer, long reference, int epoch, int offset, long address, int length) {
        vcpu.countHypercall();
        return kernel.copyFrom(peer, reference, epoch, offset, address, length);
    }

    @Override
    public int copyTo(int peer, long reference, int epoch, int offset, long address, int length) {
        vcpu.countHypercall();
        return kernel.copyTo(peer, reference, epoch, offset, address, length);
    }
}
