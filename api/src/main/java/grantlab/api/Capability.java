package grantlab.api;

/**
 * Something that an implementation declares and that the rest may rely on. An open set: a stranger's kit defines its own.
 * Declared must work, undeclared must be refused; the suite checks both.
 *
 * @param id the name in listings and reports: lower case, digits, dashes
 * @param meaning one clause that completes "it has ..."
 */
public record Capability(String id, String meaning) {
    /** A frame number of more than 32 bits can be granted (v1 ends at 16 TiB). */
    public static final Capability FRAMES_ABOVE_16_TIB =
            of("frames-above-16-tib", "frame numbers of more than 32 bits");

    /** The table lives in frames of the hypervisor; set_version brings it up. */
    public static final Capability FLAT_HOME = of("flat-home", "its table in frames of the hypervisor");

    /** The table lives in the granter's own memory. */
    public static final Capability GUEST_HOME = of("guest-home", "its table in the granter's own memory");

    /** The entry is Xen's 8-byte entry of version 1, bit by bit. */
    public static final Capability LAYOUT_V1 = of("layout-v1", "the 8-byte entry of version 1");

    /** The entry is Xen's 16-byte entry of version 2, with a status word of its own, bit by bit. */
    public static final Capability LAYOUT_V2 = of("layout-v2", "the 16-byte entry of version 2 and its status words");

    /** The entry is that of grants v3, bit by bit. */
    public static final Capability LAYOUT_TREE = of("layout-tree", "the 8-byte entry of the tree");

    /** A grant narrower than a page, for copy. */
    public static final Capability SUB_PAGE = of("sub-page", "grants narrower than a page, for copy");

    /** A grant of a grant, for copy. */
    public static final Capability TRANSITIVE = of("transitive", "grants of grants, for copy");

    /** An entry that accepts a page for good. */
    public static final Capability TRANSFER = of("transfer", "entries that accept a page for good");

    /** Two references can be exchanged (GNTTABOP_swap_grant_ref). */
    public static final Capability SWAP = of("swap", "references that can be exchanged");

    /** One entry for 2 MiB or 1 GiB. */
    public static final Capability LARGE_LEAVES = of("large-leaves", "one entry for 2 MiB or 1 GiB");

    /** More than one table per granter. */
    public static final Capability MANY_TABLES = of("many-tables", "more than one table per granter");

    /** A pinned entry is looked at again by each use. */
    public static final Capability EVERY_PIN_READS =
            of("every-pin-reads", "a pinned entry looked at again by each use");

    /** The granter sees in shared memory that an entry is in use. */
    public static final Capability IN_USE_BITS = of("in-use-bits", "bits in shared memory that say an entry is in use");

    /** Frame numbers of the guest are machine frames; its own pages carry types (PV). */
    public static final Capability TYPED_FRAMES =
            of("typed-frames", "frames that carry types: page tables stay read-only");

    /** Frame numbers of the guest are its own; the hypervisor translates them (HVM and PVH). */
    public static final Capability TRANSLATED = of("translated", "a guest-physical map of its own");

    /** Mappings are page-table entries, which the guest may also name by machine address. */
    public static final Capability NAMES_ENTRIES = of("names-entries", "GNTMAP_contains_pte");

    /** GNTMAP_device_map is admitted. */
    public static final Capability DEVICE_MAPPINGS = of("device-mappings", "GNTMAP_device_map");

    /** One mapping of order 9 or 18. */
    public static final Capability LARGE_MAPPINGS = of("large-mappings", "one mapping of order 9 or 18");

    /** Bus addresses are machine addresses: for domains that know machine frames, and not for translated ones. */
    public static final Capability BUS_IS_MACHINE = of("bus-is-machine", "bus addresses that are machine addresses");

    /** Devices reach what is mapped for their domain, and nothing else. */
    public static final Capability CONFINED_DEVICES =
            of("confined-devices", "devices that reach only what is mapped for their domain");

    /** The guest-physical map is what devices are translated by. */
    public static final Capability SHARED_TABLES = of("shared-tables", "one table for CPUs and devices");

    /** Entries that a device may write and not read: a revoked mapping can end in a sink. */
    public static final Capability WRITE_ONLY_ENTRIES =
            of("write-only-entries", "entries that a device may write and not read");

    /** Of a transport: bus addresses are of a table that one device has and no other. */
    public static final Capability TABLES_OF_DEVICES =
            of("tables-of-devices", "bus addresses in a table of each device");

    /** Of a transport: memory that the device uses is not withdrawn, and the driver sees it. */
    public static final Capability USE_IS_SEEN =
            of("use-is-seen", "drivers that see whether the device uses their memory");

    /** Of a transport: the device's domain is privileged, and maps its driver's memory by frame number. */
    public static final Capability FOREIGN_MAPPINGS =
            of("foreign-mappings", "devices in privileged domains, which map any memory of the driver's guest");

    /** Of a transport: it has mode COPY. */
    public static final Capability HYPERVISOR_COPIES =
            of("hypervisor-copies", "buffers that the hypervisor copies and nobody maps");

    /** Of a transport: the device may reach memory for a while after it was withdrawn. */
    public static final Capability LAZY_WITHDRAWAL =
            of("lazy-withdrawal", "memory that the device reaches for a while after it was withdrawn");

    /** Of virtqueues: descriptors stand in one ring, which both sides write. */
    public static final Capability PACKED_RING = of("packed-ring", "one ring that driver and device write");

    private static Capability of(String id, String meaning) {
        return new Capability(id, meaning);
    }
}
