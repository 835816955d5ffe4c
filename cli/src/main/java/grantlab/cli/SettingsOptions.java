package grantlab.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import grantlab.hypervisor.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where settings come from, later ones over earlier ones: the file, system properties, --set. */
final class SettingsOptions {
    private static final Path USUAL_FILE = Path.of("grantlab.conf");
    private static final String PROPERTY_PREFIX = "grantlab.";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Read settings from FILE instead of ./grantlab.conf.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Set one key, over file and system properties. May be repeated.")
    private List<String> assignments = new ArrayList<>();

    @Option(
            names = "--plugins",
            paramLabel = "DIR",
            description = "Find implementations and clauses in the jars of DIR too (default: plugins, if it exists).")
    private @Nullable Path plugins;

    /** Makes the plugins known. Before anything is looked for. */
    Installed installed() throws IOException {
        Plugins.load(plugins);
        return Installed.find();
    }

    /** What was said, without defaults. */
    Config said() throws IOException {
        Config config = ConfigFactory.empty();
        for (String assignment : assignments) {
            config = assigned(assignment).withFallback(config);
        }
        return config.withFallback(properties()).withFallback(fromFile());
    }

    /** What was said, over the defaults. */
    Settings settings() throws IOException {
        return Settings.from(said());
    }

    private static Config assigned(String assignment) {
        int equals = assignment.indexOf('=');
        if (equals < 1) {
            throw new ConfigurationException("--set " + assignment + ": write --set KEY=VALUE");
        }
        try {
            return ConfigFactory.parseString(assignment, ConfigParseOptions.defaults());
        } catch (ConfigException e) {
            throw new ConfigurationException("--set " + assignment + ": " + e.getMessage());
        }
    }

    private static Config properties() {
        Properties ours = new Properties();
        for (String name : System.getProperties().stringPropertyNames()) {
            if (name.startsWith(PROPERTY_PREFIX)) {
                ours.setProperty(name.substring(PROPERTY_PREFIX.length()), System.getProperty(name));
            }
        }
        return ConfigFactory.parseProperties(ours);
    }

    private Config fromFile() throws IOException {
        if (file == null && !Files.exists(USUAL_FILE)) {
            return ConfigFactory.empty();
        }
        Path read = file == null ? USUAL_FILE : file;
        try {
            // Read here, so that a file that is not there is an error and not an empty configuration.
            return ConfigFactory.parseString(
                    Files.readString(read), ConfigParseOptions.defaults().setOriginDescription(read.toString()));
        } catch (ConfigException e) {
            throw new ConfigurationException("configuration: " + e.getMessage());
        }
    }
}
