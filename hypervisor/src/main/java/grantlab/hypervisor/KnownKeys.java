package grantlab.hypervisor;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueType;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A key that nobody reads is a mistake: the defaults name every key there is. */
final class KnownKeys {
    private KnownKeys() {}

    static void check(Config config, Config defaults) {
        Set<String> known = new TreeSet<>();
        defaults.entrySet().forEach(entry -> known.add(entry.getKey()));
        for (Map.Entry<String, ?> entry : config.entrySet()) {
            List<String> path = ConfigUtil.splitPath(entry.getKey());
            if (!known.contains(entry.getKey()) && !path.getFirst().equals("domains")) {
                throw new ConfigurationException(
                        "unknown key " + entry.getKey() + "; there is: " + String.join(", ", known) + ", domains.*");
            }
        }
        if (config.hasPath("domains") && config.getValue("domains").valueType() != ConfigValueType.OBJECT) {
            throw new ConfigException.WrongType(config.origin(), "domains is a block { d1 { ... } }");
        }
    }
}
