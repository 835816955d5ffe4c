package grantlab.virtio.iommu;

/** The numbers of virtio-iommu devices (section 5.13). All fields are little endian. */
public final class Iommu {
    /** The device type. */
    public static final int DEVICE_ID = 23;

    /** Queue of requests. */
    public static final int REQUESTS = 0;

    /** Queue of events: the device tells of faults. */
    public static final int EVENTS = 1;

    /** Feature VIRTIO_IOMMU_F_INPUT_RANGE: virtual addresses have a range. */
    public static final long F_INPUT_RANGE = 1;

    /** Feature VIRTIO_IOMMU_F_DOMAIN_RANGE: domains have one. */
    public static final long F_DOMAIN_RANGE = 1L << 1;

    /** Feature VIRTIO_IOMMU_F_MAP_UNMAP: requests MAP and UNMAP are there. */
    public static final long F_MAP_UNMAP = 1L << 2;

    /** Feature VIRTIO_IOMMU_F_PROBE: request PROBE is there. */
    public static final long F_PROBE = 1L << 4;

    /** Feature VIRTIO_IOMMU_F_BYPASS_CONFIG: the driver says whether endpoints of no domain reach everything. */
    public static final long F_BYPASS_CONFIG = 1L << 6;

    /** Request VIRTIO_IOMMU_T_ATTACH. */
    public static final int ATTACH = 1;

    /** Request VIRTIO_IOMMU_T_DETACH. */
    public static final int DETACH = 2;

    /** Request VIRTIO_IOMMU_T_MAP. */
    public static final int MAP = 3;

    /** Request VIRTIO_IOMMU_T_UNMAP. */
    public static final int UNMAP = 4;

    /** Request VIRTIO_IOMMU_T_PROBE. */
    public static final int PROBE = 5;

    /** Status VIRTIO_IOMMU_S_OK. */
    public static final int OK = 0;

    /** Status VIRTIO_IOMMU_S_IOERR. */
    public static final int IOERR = 1;

    /** Status VIRTIO_IOMMU_S_UNSUPP: there is no such request. */
    public static final int UNSUPP = 2;

    /** Status VIRTIO_IOMMU_S_DEVERR. */
    public static final int DEVERR = 3;

    /** Status VIRTIO_IOMMU_S_INVAL: a parameter is wrong. */
    public static final int INVAL = 4;

    /** Status VIRTIO_IOMMU_S_RANGE: an address is not in the range, not aligned, or a mapping would be cut. */
    public static final int RANGE = 5;

    /** Status VIRTIO_IOMMU_S_NOENT: there is no such endpoint or domain. */
    public static final int NOENT = 6;

    /** Status VIRTIO_IOMMU_S_FAULT. */
    public static final int FAULT = 7;

    /** Status VIRTIO_IOMMU_S_NOMEM: there are too many mappings. */
    public static final int NOMEM = 8;

    /** Bytes of the head of a request: type in 1, reserved 3. */
    public static final int HEAD = 4;

    /** Bytes of the tail of a request: status in 1, reserved 3. */
    public static final int TAIL = 4;

    /** Bytes of ATTACH and of DETACH that the device reads: head, domain in 4, endpoint in 4, ATTACH flags in 4, reserved. */
    public static final int ATTACH_SIZE = 20;

    /** Bytes of MAP that the device reads: head, domain in 4, first and last virtual address in 8, physical address in 8, flags in 4. */
    public static final int MAP_SIZE = 36;

    /** Bytes of UNMAP that the device reads: head, domain in 4, first and last virtual address in 8, reserved 4. */
    public static final int UNMAP_SIZE = 28;

    /** Bytes of PROBE that the device reads: head, endpoint in 4, reserved 64. */
    public static final int PROBE_SIZE = 72;

    /** Flag of ATTACH: VIRTIO_IOMMU_ATTACH_F_BYPASS: the domain translates nothing and lets everything through. */
    public static final int ATTACH_BYPASS = 1;

    /** Flag of MAP: VIRTIO_IOMMU_MAP_F_READ. */
    public static final int READ = 1;

    /** Flag of MAP: VIRTIO_IOMMU_MAP_F_WRITE. */
    public static final int WRITE = 1 << 1;

    /** Configuration: page sizes, 8 bytes. */
    public static final int PAGE_SIZE_MASK = 0;

    /** Configuration: first virtual address, 8 bytes. */
    public static final int INPUT_START = 8;

    /** Configuration: last virtual address, 8 bytes. */
    public static final int INPUT_END = 16;

    /** Configuration: first domain, 4 bytes. */
    public static final int DOMAIN_START = 24;

    /** Configuration: last domain, 4 bytes. */
    public static final int DOMAIN_END = 28;

    /** Configuration: bytes of properties that PROBE tells, 4 bytes. */
    public static final int PROBE_BYTES = 32;

    /** Configuration: 1 byte that the driver may write: whether endpoints of no domain reach everything. */
    public static final int BYPASS = 36;

    /** The last virtual address that can be mapped. */
    public static final long LAST_ADDRESS = (1L << 48) - 1;

    /** The last domain. */
    public static final int LAST_DOMAIN = 0xffff;

    /** Bytes of properties. */
    public static final int PROPERTIES = 64;

    /** Property VIRTIO_IOMMU_PROBE_T_RESV_MEM: type in 2, length in 2, subtype in 1, reserved 3, first and last address in 8. */
    public static final int RESV_MEM = 1;

    /** Bytes of that property behind type and length. */
    public static final int RESV_MEM_LENGTH = 20;

    /** The page at address 0 is never mapped: no buffer is there. */
    public static final long LAST_RESERVED = 0xfff;

    /** Bytes of an event: reason in 1, reserved 3, flags in 4, endpoint in 4, reserved 4, address in 8. */
    public static final int EVENT = 24;

    /** Reason VIRTIO_IOMMU_FAULT_R_DOMAIN: the endpoint is in no domain. */
    public static final int FAULT_DOMAIN = 1;

    /** Reason VIRTIO_IOMMU_FAULT_R_MAPPING: nothing is mapped there, or not for this. */
    public static final int FAULT_MAPPING = 2;

    /** Flag of an event: it was a read. */
    public static final int FAULT_READ = 1;

    /** Flag of an event: it was a write. */
    public static final int FAULT_WRITE = 1 << 1;

    /** Flag of an event: the address is valid. */
    public static final int FAULT_ADDRESS = 1 << 8;

    private Iommu() {}
}
