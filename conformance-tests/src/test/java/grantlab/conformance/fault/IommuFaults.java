package grantlab.conformance.fault;

import static grantlab.conformance.fault.Fault.Place;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.iommu.DeviceFault;
import grantlab.api.iommu.DeviceSpace;
import java.util.List;
import java.util.function.UnaryOperator;

/** Mistakes in what stands between devices and memory. */
final class IommuFaults {
    private static final Place IDENTITY =
            Place.of("iommu, identity", "v1", "pv").iommu("identity");

    private IommuFaults() {}

    private static Fault identity(String name, String mistake, UnaryOperator<DeviceSpace> wrong) {
        return Fault.in(IDENTITY, "IOMMU", name, mistake, Impostors.iommu("identity", wrong));
    }

    static List<Fault> all() {
        return List.of(
                identity(
                        "unmapped-without-a-word",
                        "unmap does not say that something is to be forgotten",
                        space -> new FaultyDeviceSpace(space) {
                            @Override
                            public int unmap(long dfn, long mfn, int order, int access) {
                                int status = super.unmap(dfn, mfn, order, access);
                                return status == Status.MODIFIED ? Status.OKAY : status;
                            }
                        }),
                identity(
                        "invalidations-lost",
                        "what is to be forgotten is not queued",
                        space -> new FaultyDeviceSpace(space) {
                            @Override
                            public void queueInvalidation(long dfn, int order) {}
                        }),
                identity(
                        "drain-does-not-wait",
                        "nobody waits for accesses that are under way",
                        space -> new FaultyDeviceSpace(space) {
                            @Override
                            public int drain() {
                                return Status.OKAY;
                            }
                        }),
                identity(
                        "everything-written-by-devices",
                        "a device may write what is mapped read-only",
                        space -> new FaultyDeviceSpace(space) {
                            @Override
                            public int map(long dfn, long mfn, int order, int access) {
                                return super.map(dfn, mfn, order, access | Access.WRITE);
                            }
                        }),
                identity(
                        "first-unmap-takes-all",
                        "one of several uses takes the mapping out",
                        space -> new FaultyDeviceSpace(space) {
                            @Override
                            public int unmap(long dfn, long mfn, int order, int access) {
                                int status = super.unmap(dfn, mfn, order, access);
                                while (super.unmap(dfn, mfn, order, access) != Status.GONE) {
                                    status = Status.MODIFIED;
                                }
                                return status;
                            }
                        }),
                identity("faults-not-kept", "refused accesses leave no trace", space -> new FaultyDeviceSpace(space) {
                    @Override
                    public List<DeviceFault> faults() {
                        return List.of();
                    }
                }));
    }
}
