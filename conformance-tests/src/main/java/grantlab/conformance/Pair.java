package grantlab.conformance;

import grantlab.hypervisor.ConfigurationException;
import java.util.List;

/**
 * Names of what granter and grantee have: of two paging modes, of two formats.
 *
 * @param granter the granter's
 * @param grantee the grantee's
 */
public record Pair(String granter, String grantee) {
    /**
     * Both have the same.
     *
     * @param name of it
     * @return the pair
     */
    public static Pair same(String name) {
        return new Pair(name, name);
    }

    /**
     * Reads {@code GRANTER-GRANTEE}. Names may have dashes themselves, so every dash is tried.
     *
     * @param text from a command line
     * @param known names that are installed
     * @param kind what they are names of, for the message
     * @return the pair
     * @throws ConfigurationException when it is none; the message lists the names that are installed
     */
    static Pair read(String text, List<String> known, String kind) {
        for (int dash = text.indexOf('-'); dash >= 0; dash = text.indexOf('-', dash + 1)) {
            Pair pair = new Pair(text.substring(0, dash), text.substring(dash + 1));
            if (known.contains(pair.granter()) && known.contains(pair.grantee())) {
                return pair;
            }
        }
        throw new ConfigurationException("there is no " + kind + " or pair '" + text + "'; installed are "
                + String.join(", ", known) + ", a pair is GRANTER-GRANTEE");
    }
}
