package grantlab.hypervisor;

import com.typesafe.config.Config;
import grantlab.hypervisor.domain.DomainConfig;
import java.util.List;

/**
 * What the configuration says of one domain; a toolstack that asks for something itself is not overruled.
 *
 * @param maxGrantFrames frames of its table, negative for the machine's default
 * @param maxMaptrackFrames frames of handles, negative for the machine's default
 * @param maxGrantVersion the largest version that its set_version may bring up, whatever the toolstack allows
 */
public record DomainLimits(int maxGrantFrames, int maxMaptrackFrames, int maxGrantVersion) {
    private static final String GRANT_FRAMES = "max-grant-frames";
    private static final String GRANT_VERSION = "max-grant-version";
    private static final String MAPTRACK_FRAMES = "max-maptrack-frames";
    private static final List<String> KEYS = List.of(GRANT_FRAMES, GRANT_VERSION, MAPTRACK_FRAMES);
    private static final int DEFAULT = -1;
    private static final int NEWEST_VERSION = 2;

    /** Checks the version. */
    public DomainLimits {
        if (maxGrantVersion < 1 || maxGrantVersion > NEWEST_VERSION) {
            throw new ConfigurationException(
                    GRANT_VERSION + " = " + maxGrantVersion + " is not within 1.." + NEWEST_VERSION);
        }
    }

    static DomainLimits read(Config config) {
        for (String key : config.root().keySet()) {
            if (!KEYS.contains(key)) {
                throw new ConfigurationException(
                        "unknown key domains.*." + key + "; there is: " + String.join(", ", KEYS));
            }
        }
        return new DomainLimits(
                number(config, GRANT_FRAMES, DEFAULT),
                number(config, MAPTRACK_FRAMES, DEFAULT),
                number(config, GRANT_VERSION, NEWEST_VERSION));
    }

    private static int number(Config config, String key, int absent) {
        return config.hasPath(key) ? config.getInt(key) : absent;
    }

    /**
     * What a toolstack asks for, completed.
     *
     * @param config as asked
     * @return with these limits where it left them open
     */
    DomainConfig complete(DomainConfig config) {
        return config.withGrantLimits(
                config.maxGrantFrames() < 0 ? maxGrantFrames : config.maxGrantFrames(),
                config.maxMaptrackFrames() < 0 ? maxMaptrackFrames : config.maxMaptrackFrames(),
                Math.min(config.maxGrantVersion(), maxGrantVersion));
    }
}
