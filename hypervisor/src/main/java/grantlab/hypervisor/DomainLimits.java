package grantlab.hypervisor;

import com.typesafe.config.Config;
import grantlab.hypervisor.domain.DomainConfig;

/**
 * What the configuration says of one domain; a toolstack that asks for something itself is not overruled.
 *
 * @param maxGrantFrames frames of its table, negative for the machine's default
 * @param maxMaptrackFrames frames of handles, negative for the machine's default
 */
public record DomainLimits(int maxGrantFrames, int maxMaptrackFrames) {
    private static final int DEFAULT = -1;

    static DomainLimits read(Config config) {
        for (String key : config.root().keySet()) {
            if (!key.equals("max-grant-frames") && !key.equals("max-maptrack-frames")) {
                throw new ConfigurationException(
                        "unknown key domains.*." + key + "; there is: max-grant-frames, max-maptrack-frames");
            }
        }
        return new DomainLimits(
                config.hasPath("max-grant-frames") ? config.getInt("max-grant-frames") : DEFAULT,
                config.hasPath("max-maptrack-frames") ? config.getInt("max-maptrack-frames") : DEFAULT);
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
                config.maxGrantVersion());
    }
}
