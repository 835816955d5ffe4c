package grantlab.hypervisor.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.abi.Gntmap;
import grantlab.api.abi.GnttabOp;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.Hypercall;
import grantlab.api.abi.MapGrantRef;
import grantlab.api.abi.UnmapGrantRef;
import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.Settings;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.guest.Guest;
import grantlab.hypervisor.guest.GuestLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** A domain with a device, and one that grants to it. Entry n of the granter's table grants its page n. */
final class DeviceLaboratory implements AutoCloseable {
    static final int GRANTER = 1;
    static final int GRANTEE = 2;
    static final int HOST = Gntmap.HOST_MAP;
    static final int DEVICE = Gntmap.DEVICE_MAP;
    static final int READONLY = Gntmap.READONLY;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int FIRST_REFERENCE = 8;
    private static final int ENTRY_BYTES = 8;

    final Machine machine;
    final Guest granter;
    final Guest grantee;
    private final byte[] word = new byte[Long.BYTES];

    DeviceLaboratory(String iommu, String granterPaging, String granteePaging) {
        machine = Machine.start(Settings.usual().withIommu(iommu));
        granter = boot(DomainConfig.usual(GRANTER, granterPaging));
        grantee = boot(DomainConfig.usual(GRANTEE, granteePaging).withDevices(1));
    }

    private Guest boot(DomainConfig config) {
        assertThat(machine.createDomain(config)).isZero();
        return machine.boot(config.domid(), GuestLayout.LABORATORY);
    }

    Passthrough passthrough() {
        Passthrough passthrough = grantee.domain().passthrough();
        if (passthrough == null) {
            throw new AssertionError("the grantee has devices");
        }
        return passthrough;
    }

    Device device() {
        return passthrough().devices().getFirst();
    }

    DeviceSpace space() {
        return passthrough().space();
    }

    /** Device frame of a data page of the grantee's. */
    long ownFrame(int page) {
        return grantee.pageFrame(page);
    }

    /** Device frame at which the granter's page n appears when it is mapped into slot n. */
    long grantedFrame(int n) {
        return space().deviceFrame(Page.frame(grantee.slot(n)), granter.machineFrame(n));
    }

    void grant(int n, int flags) {
        grant(granter, n, flags);
    }

    /** The grantee grants its page n to itself. */
    void grantToSelf(int n) {
        grant(grantee, n, 0);
    }

    private void grant(Guest from, int n, int flags) {
        long entry = Gtf.PERMIT_ACCESS | flags | (long) GRANTEE << Short.SIZE | from.pageFrame(n) << Integer.SIZE;
        long table = Page.address(from.domain().tableFrames().sharedFrame(0));
        machine.memory().store64Release(table + (long) (FIRST_REFERENCE + n) * ENTRY_BYTES, entry);
    }

    /** Maps page n of the granter's into slot n. @return the handle, or the negative status */
    int map(int n, int flags) {
        return map(n, n, flags);
    }

    int map(int n, int slot, int flags) {
        return map(GRANTER, n, slot, flags);
    }

    int mapOwn(int n, int flags) {
        return map(GRANTEE, n, n, flags);
    }

    /** At an address for which a PV guest has no page table. */
    int mapNowhere(int n, int flags) {
        return mapAt(GRANTER, n, GuestLayout.LARGE_SLOTS, flags);
    }

    private int map(int from, int n, int slot, int flags) {
        return mapAt(from, n, grantee.slot(slot), flags);
    }

    private int mapAt(int from, int n, long hostAddress, int flags) {
        argument(MapGrantRef.HOST_ADDR, Long.BYTES, hostAddress);
        argument(MapGrantRef.FLAGS, Integer.BYTES, flags);
        argument(MapGrantRef.REF, Integer.BYTES, FIRST_REFERENCE + n);
        argument(MapGrantRef.DOM, Short.BYTES, from);
        call(GnttabOp.MAP_GRANT_REF);
        int status = (short) result(MapGrantRef.STATUS, Short.BYTES);
        return status == 0 ? (int) result(MapGrantRef.HANDLE, Integer.BYTES) : status;
    }

    int unmap(int handle, long hostAddress, long deviceAddress) {
        argument(UnmapGrantRef.HOST_ADDR, Long.BYTES, hostAddress);
        argument(UnmapGrantRef.DEV_BUS_ADDR, Long.BYTES, deviceAddress);
        argument(UnmapGrantRef.HANDLE, Integer.BYTES, handle);
        call(GnttabOp.UNMAP_GRANT_REF);
        return (short) result(UnmapGrantRef.STATUS, Short.BYTES);
    }

    private void call(int operation) {
        assertThat(grantee.vcpu().hypercall(Hypercall.GRANT_TABLE_OP, operation, grantee.argumentPages(), 1))
                .isZero();
    }

    private void argument(int offset, int bytes, long value) {
        assertThat(grantee.vcpu().store(grantee.argumentPages() + offset, bytes, value))
                .isZero();
    }

    private long result(int offset, int bytes) {
        assertThat(grantee.vcpu().load(grantee.argumentPages() + offset, bytes)).isZero();
        return grantee.vcpu().value();
    }

    /** What the device reads at a frame, or the reason negated. */
    long read(long dfn) {
        int reason = device().read(Page.address(dfn), MemorySegment.ofArray(word));
        return reason != 0 ? -reason : MemorySegment.ofArray(word).get(LONG, 0);
    }

    int write(long dfn, long value) {
        MemorySegment.ofArray(word).set(LONG, 0, value);
        return device().write(Page.address(dfn), MemorySegment.ofArray(word));
    }

    long content(long mfn) {
        return machine.memory().load64Acquire(Page.address(mfn));
    }

    void fill(long mfn, long value) {
        machine.memory().store64Release(Page.address(mfn), value);
    }

    /** What a device may do at a frame by its table: READ, WRITE, both or 0. */
    int rights(long dfn) {
        return DeviceSpace.accessOf(space().entry(dfn)) & (Access.READ | Access.WRITE);
    }

    /** A device, kept by somebody who does not know that its domain is gone. */
    record Held(Device device, long address) {
        int write(long value) {
            byte[] bytes = new byte[Long.BYTES];
            MemorySegment.ofArray(bytes).set(LONG, 0, value);
            return device.write(address, MemorySegment.ofArray(bytes));
        }
    }

    /** The device, and where it reaches the granter's page 0. */
    Held held() {
        return new Held(device(), Page.address(grantedFrame(0)));
    }

    @Override
    public void close() {
        machine.checkInvariants();
        machine.close();
    }
}
