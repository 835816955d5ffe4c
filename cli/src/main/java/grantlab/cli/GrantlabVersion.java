package grantlab.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** Which Grantlab, on which Java. */
final class GrantlabVersion implements IVersionProvider {
    /** Maven leaves it in every jar. */
    private static final String PROPERTIES = "/META-INF/maven/grantlab/grantlab-cli/pom.properties";

    @Override
    public String[] getVersion() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = GrantlabVersion.class.getResourceAsStream(PROPERTIES)) {
            if (in != null) {
                properties.load(in);
            }
        }
        String version = properties.getProperty("version", "(not packaged)");
        return new String[] {
            "grantlab " + version + ", Java " + Runtime.version().feature()
        };
    }
}
