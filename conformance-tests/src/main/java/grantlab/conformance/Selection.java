package grantlab.conformance;

import grantlab.api.Provider;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which combinations are wanted. An empty list selects everything that is installed; what names nothing is refused,
 * never an empty success.
 *
 * @param formats names of formats
 * @param pagings {@code hvm-pv} is the pair of granter and grantee; names alone ({@code pv}, {@code hvm}) are paired
 *     with each other in every way, one alone with itself
 */
public record Selection(List<String> formats, List<String> pagings) {
    /** Everything that is installed. */
    public static final Selection ALL = new Selection(List.of(), List.of());

    /** Keeps copies. */
    public Selection {
        formats = List.copyOf(formats);
        pagings = List.copyOf(pagings);
    }

    /**
     * The combinations, in the order in which the names were given or are installed.
     *
     * @param installed what there is
     * @return at least one
     * @throws ConfigurationException when a name is not installed, or nothing is
     */
    public List<Combination> combinations(Installed installed) {
        List<String> formatNames = formats.isEmpty() ? names(installed.formats()) : formats;
        List<Pair> pairs = pagings.isEmpty() ? square(names(installed.pagingModes())) : pairs(installed);
        Set<Combination> combinations = new LinkedHashSet<>();
        for (String format : formatNames) {
            for (Pair pair : pairs) {
                combinations.add(Combination.of(installed, format, pair.granter(), pair.grantee()));
            }
        }
        if (combinations.isEmpty()) {
            throw new ConfigurationException(
                    "no combination to run: " + names(installed.formats()).size() + " grant formats and "
                            + names(installed.pagingModes()).size() + " paging modes are installed");
        }
        return List.copyOf(combinations);
    }

    private List<Pair> pairs(Installed installed) {
        List<String> known = names(installed.pagingModes());
        List<String> single = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (String text : pagings) {
            if (known.contains(text)) {
                single.add(text);
            } else {
                pairs.add(pair(text, known));
            }
        }
        pairs.addAll(0, square(single));
        return pairs;
    }

    /** Names may have dashes themselves, so every dash is tried. */
    private static Pair pair(String text, List<String> known) {
        for (int dash = text.indexOf('-'); dash >= 0; dash = text.indexOf('-', dash + 1)) {
            Pair pair = new Pair(text.substring(0, dash), text.substring(dash + 1));
            if (known.contains(pair.granter()) && known.contains(pair.grantee())) {
                return pair;
            }
        }
        throw new ConfigurationException("there is no paging mode or pair '" + text + "'; installed are "
                + String.join(", ", known) + ", a pair is GRANTER-GRANTEE");
    }

    private static List<Pair> square(List<String> names) {
        return names.stream()
                .flatMap(granter -> names.stream().map(grantee -> new Pair(granter, grantee)))
                .toList();
    }

    private static List<String> names(List<? extends Provider<?>> providers) {
        return providers.stream().map(Provider::name).toList();
    }

    private record Pair(String granter, String grantee) {}
}
