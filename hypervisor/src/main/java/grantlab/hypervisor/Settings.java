package grantlab.hypervisor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import grantlab.api.Behaviour;
import grantlab.api.memory.RamLayout;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a machine is built of and how large it may grow: grantlab.conf as a value.
 *
 * @param grantFormat name of the format that guests bring up
 * @param paging name of the paging mode of domains that ask for none
 * @param memory name of the kind of machine memory
 * @param iommu name of the kind of IOMMU, or {@link Iommus#STRICT}
 * @param virtio how virtio devices are reached
 * @param revokeSearch how a revocation finds mappings, {@link #RECORDS} or {@link #SCAN}
 * @param xenRelease the release whose answers count
 * @param limits Xen's command line
 * @param domains per domain ({@code d1}), what differs from the limits
 * @param ram where memory is
 */
public record Settings(
        String grantFormat,
        String paging,
        String memory,
        String iommu,
        VirtioSettings virtio,
        String revokeSearch,
        String xenRelease,
        Limits limits,
        Map<String, DomainLimits> domains,
        RamLayout ram) {
    /** A revocation follows the lists that each grant in use has of its mappings. */
    public static final String RECORDS = "records";

    /** A revocation visits every place of the grantee. */
    public static final String SCAN = "scan";

    private static final List<String> SEARCHES = List.of(RECORDS, SCAN);

    /** The releases, by name. */
    private static final Map<String, Behaviour> RELEASES =
            Map.of("4.17", Behaviour.XEN_4_17, "4.20", Behaviour.XEN_4_20);

    private static final String REVOKE_SEARCH = "revoke-search";
    private static final String DEFAULTS = "/grantlab/defaults.conf";

    /** Checks the release and keeps a copy of the domains. */
    public Settings {
        domains = Map.copyOf(domains);
        if (!RELEASES.containsKey(xenRelease)) {
            throw Installed.unknown("xen-release", xenRelease, new TreeSet<>(RELEASES.keySet()));
        }
        if (!SEARCHES.contains(revokeSearch)) {
            throw Installed.unknown(REVOKE_SEARCH, revokeSearch, SEARCHES);
        }
    }

    /**
     * The defaults alone.
     *
     * @return what runs without any configuration
     */
    public static Settings usual() {
        return from(ConfigFactory.empty());
    }

    /**
     * Reads a configuration over the defaults.
     *
     * @param config grantlab.conf and what overrides it
     * @return the settings
     * @throws ConfigurationException for an unknown key or a value that does not fit; one line
     */
    public static Settings from(Config config) {
        Config defaults = ConfigFactory.parseURL(Settings.class.getResource(DEFAULTS));
        try {
            KnownKeys.check(config, defaults);
            return read(config.withFallback(defaults).resolve());
        } catch (ConfigException e) {
            throw new ConfigurationException("configuration: " + e.getMessage());
        }
    }

    private static Settings read(Config config) {
        Map<String, DomainLimits> domains = new TreeMap<>();
        for (String name : config.getObject("domains").keySet()) {
            domains.put(name, DomainLimits.read(config.getConfig("domains").getConfig(name)));
        }
        Limits limits = new Limits(
                config.getInt("limits.gnttab-max-frames"),
                config.getInt("limits.gnttab-max-maptrack-frames"),
                config.getInt("limits.gnttab-max-version"),
                config.getBoolean("limits.gnttab-transitive"),
                config.getBoolean("limits.gnttab-transfer"));
        return new Settings(
                config.getString("grant-format"),
                config.getString("paging"),
                config.getString("memory"),
                config.getString("iommu"),
                new VirtioSettings(config.getString("transport"), config.getString("queue")),
                config.getString(REVOKE_SEARCH),
                config.getString("xen-release"),
                limits,
                domains,
                RamLayout.USUAL);
    }

    /**
     * The rules of the release.
     *
     * @return never null: the release was checked
     */
    public Behaviour behaviour() {
        Behaviour behaviour = RELEASES.get(xenRelease);
        if (behaviour == null) {
            throw new IllegalStateException("release " + xenRelease + " was checked");
        }
        return behaviour;
    }

    /** With another format. */
    public Settings withGrantFormat(String name) {
        return new Settings(name, paging, memory, iommu, virtio, revokeSearch, xenRelease, limits, domains, ram);
    }

    /** With another paging mode. */
    public Settings withPaging(String name) {
        return new Settings(grantFormat, name, memory, iommu, virtio, revokeSearch, xenRelease, limits, domains, ram);
    }

    /** With another kind of memory. */
    public Settings withMemory(String name) {
        return new Settings(grantFormat, paging, name, iommu, virtio, revokeSearch, xenRelease, limits, domains, ram);
    }

    /** With another kind of IOMMU. */
    public Settings withIommu(String name) {
        return new Settings(grantFormat, paging, memory, name, virtio, revokeSearch, xenRelease, limits, domains, ram);
    }

    /** With another way to virtio devices. */
    public Settings withVirtio(VirtioSettings other) {
        return new Settings(grantFormat, paging, memory, iommu, other, revokeSearch, xenRelease, limits, domains, ram);
    }

    /** With another way in which a revocation finds mappings. */
    public Settings withRevokeSearch(String name) {
        return new Settings(grantFormat, paging, memory, iommu, virtio, name, xenRelease, limits, domains, ram);
    }

    /** With the rules of another release. */
    public Settings withXenRelease(String release) {
        return new Settings(grantFormat, paging, memory, iommu, virtio, revokeSearch, release, limits, domains, ram);
    }

    /** With another command line. */
    public Settings withLimits(Limits other) {
        return new Settings(grantFormat, paging, memory, iommu, virtio, revokeSearch, xenRelease, other, domains, ram);
    }

    /** With memory elsewhere. */
    public Settings withRam(RamLayout layout) {
        return new Settings(
                grantFormat, paging, memory, iommu, virtio, revokeSearch, xenRelease, limits, domains, layout);
    }
}
