package grantlab.hypervisor.domain;

/**
 * What a toolstack asks for when it creates a domain (XEN_DOMCTL_createdomain).
 *
 * @param domid below 0x7ff0
 * @param paging the name of an installed paging mode
 * @param maxGrantFrames limit of the grant table in frames; negative for the machine's default
 * @param maxMaptrackFrames limit of the handles, in frames of 256; negative for the machine's default
 * @param maxGrantVersion the largest version that set_version may bring up
 * @param maxPages how many pages it may own
 * @param vcpus how many CPUs, at least 1
 * @param devices how many devices it owns (XEN_DOMCTL_CDF_iommu and XEN_DOMCTL_assign_device)
 * @param privileged whether it may do to other domains what the control domain may
 */
public record DomainConfig(
        int domid,
        String paging,
        int maxGrantFrames,
        int maxMaptrackFrames,
        int maxGrantVersion,
        long maxPages,
        int vcpus,
        int devices,
        boolean privileged) {
    /** Pages that a domain may own unless somebody says otherwise: 4 MiB. */
    public static final long USUAL_PAGES = 1024;

    private static final int MOST_DEVICES = 256;

    /** Checks what no guest can ask for. */
    public DomainConfig {
        if (vcpus < 1 || vcpus > 1024) {
            throw new IllegalArgumentException("a domain has 1..1024 vCPUs, not " + vcpus);
        }
        if (devices < 0 || devices > MOST_DEVICES) {
            throw new IllegalArgumentException("a domain has 0.." + MOST_DEVICES + " devices, not " + devices);
        }
        if (maxPages < 0) {
            throw new IllegalArgumentException("maxPages is negative: " + maxPages);
        }
    }

    /** An unprivileged domain with one vCPU and the machine's limits. */
    public static DomainConfig usual(int domid, String paging) {
        return new DomainConfig(domid, paging, -1, -1, 2, USUAL_PAGES, 1, 0, false);
    }

    /**
     * The control domain: PV, as in the recordings.
     *
     * @return domain 0 without a limit of pages
     */
    public static DomainConfig control() {
        return new DomainConfig(0, "pv", -1, -1, 2, Long.MAX_VALUE, 1, 0, true);
    }

    /** With other limits of the grant table. */
    public DomainConfig withGrantLimits(int grantFrames, int maptrackFrames, int grantVersion) {
        return new DomainConfig(
                domid, paging, grantFrames, maptrackFrames, grantVersion, maxPages, vcpus, devices, privileged);
    }

    /** With another number of pages. */
    public DomainConfig withMaxPages(long pages) {
        return new DomainConfig(
                domid, paging, maxGrantFrames, maxMaptrackFrames, maxGrantVersion, pages, vcpus, devices, privileged);
    }

    /** With more vCPUs. */
    public DomainConfig withVcpus(int count) {
        return new DomainConfig(
                domid,
                paging,
                maxGrantFrames,
                maxMaptrackFrames,
                maxGrantVersion,
                maxPages,
                count,
                devices,
                privileged);
    }

    /** With devices. */
    public DomainConfig withDevices(int count) {
        return new DomainConfig(
                domid, paging, maxGrantFrames, maxMaptrackFrames, maxGrantVersion, maxPages, vcpus, count, privileged);
    }

    /** With the rights of the control domain: a domain of devices that map their driver's memory by frame number. */
    public DomainConfig withPrivilege() {
        return new DomainConfig(
                domid, paging, maxGrantFrames, maxMaptrackFrames, maxGrantVersion, maxPages, vcpus, devices, true);
    }
}
