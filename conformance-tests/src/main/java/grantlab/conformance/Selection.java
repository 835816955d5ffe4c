package grantlab.conformance;

import grantlab.api.Capability;
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
 * @param formats {@code v1-v2} is the pair of the granter's and the grantee's format; a name alone ({@code v1}) is the
 *     format of both
 * @param pagings {@code hvm-pv} is the pair of granter and grantee; names alone ({@code pv}, {@code hvm}) are paired
 *     with each other in every way, one alone with itself
 */
public record Selection(List<String> formats, List<String> pagings) {
    /** Everything that is installed. */
    public static final Selection ALL = new Selection(List.of(), List.of());

    /**
     * Some formats, each granter and grantee, in every paging mode.
     *
     * @param names as {@link #formats}
     */
    public static Selection formats(String... names) {
        return new Selection(List.of(names), List.of());
    }

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
        Set<Combination> combinations = new LinkedHashSet<>();
        for (Pair formatPair : formatPairs(installed)) {
            for (Pair pagingPair : pagingPairs(installed)) {
                combinations.add(Combination.of(installed, formatPair, pagingPair));
            }
        }
        if (combinations.isEmpty()) {
            throw new ConfigurationException(
                    "no combination to run: " + names(installed.formats()).size() + " grant formats and "
                            + names(installed.pagingModes()).size() + " paging modes are installed");
        }
        return List.copyOf(combinations);
    }

    private List<Pair> formatPairs(Installed installed) {
        List<String> known = names(installed.formats());
        if (formats.isEmpty()) {
            return everyFormatPair(installed, known);
        }
        return formats.stream()
                .map(text -> known.contains(text) ? Pair.same(text) : Pair.read(text, known, "grant format"))
                .toList();
    }

    /** Each format for both, then two that differ: where set_version brings up either. */
    private static List<Pair> everyFormatPair(Installed installed, List<String> known) {
        List<Pair> pairs = new ArrayList<>(known.stream().map(Pair::same).toList());
        List<String> flat = names(installed.formats().stream()
                .filter(format -> format.capabilities().contains(Capability.FLAT_HOME))
                .toList());
        square(flat).stream()
                .filter(pair -> !pair.granter().equals(pair.grantee()))
                .forEach(pairs::add);
        return pairs;
    }

    private List<Pair> pagingPairs(Installed installed) {
        List<String> known = names(installed.pagingModes());
        if (pagings.isEmpty()) {
            return square(known);
        }
        List<String> single = new ArrayList<>();
        List<Pair> pairs = new ArrayList<>();
        for (String text : pagings) {
            if (known.contains(text)) {
                single.add(text);
            } else {
                pairs.add(Pair.read(text, known, "paging mode"));
            }
        }
        pairs.addAll(0, square(single));
        return pairs;
    }

    private static List<Pair> square(List<String> names) {
        return names.stream()
                .flatMap(granter -> names.stream().map(grantee -> new Pair(granter, grantee)))
                .toList();
    }

    private static List<String> names(List<? extends Provider<?>> providers) {
        return providers.stream().map(Provider::name).toList();
    }
}
