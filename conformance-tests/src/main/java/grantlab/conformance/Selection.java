package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.Provider;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which combinations are wanted. An empty list selects everything that is installed; what names nothing is refused,
 * never an empty success.
 *
 * @param formats {@code v1-v2} is the pair of the granter's and the grantee's format; a name alone ({@code v1}) is the
 *     format of both
 * @param pagings {@code hvm-pv} is the pair of granter and grantee; names alone ({@code pv}, {@code hvm}) are paired
 *     with each other in every way, one alone with itself
 * @param further names for further places: each goes with those combinations beside which it can stand, and the others are left out;
 *     {@code none} leaves the place empty. A place without names stays empty
 */
public record Selection(List<String> formats, List<String> pagings, Map<Member, List<String>> further) {
    /** All formats and paging modes that are installed; further places are empty. */
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
        further = Map.copyOf(further);
    }

    /**
     * One that leaves further places empty.
     *
     * @param formats as above
     * @param pagings as above
     */
    public Selection(List<String> formats, List<String> pagings) {
        this(formats, pagings, Map.of());
    }

    /**
     * The same with names for a further place.
     *
     * @param place a further one
     * @param names none: it stays empty
     * @return the selection
     */
    public Selection with(Member place, List<String> names) {
        Map<Member, List<String>> more = new EnumMap<>(Member.class);
        more.putAll(further);
        more.put(place, List.copyOf(names));
        return new Selection(formats, pagings, more);
    }

    private List<String> names(Axis axis) {
        return further.getOrDefault(axis.place(), List.of());
    }

    /**
     * The combinations, in the order in which the names were given or are installed.
     *
     * @param installed what there is
     * @return at least one
     * @throws ConfigurationException when a name is not installed, nothing is, or a name goes with none of the others
     */
    public List<Combination> combinations(Installed installed) {
        List<Combination> combinations = usualPlaces(installed);
        for (Axis axis : Axis.ALL) {
            if (!names(axis).isEmpty()) {
                requireFitting(axis, names(axis), combinations, installed);
                combinations = along(axis, names(axis), combinations, installed);
            }
        }
        return combinations;
    }

    /**
     * The combinations, and behind them, for each further place for which nobody chose, those with its usual names in which a clause
     * runs, beside whoever stands in the places before it.
     *
     * @param installed what there is
     * @param catalogue the clauses
     * @return at least one
     * @throws ConfigurationException as {@link #combinations(Installed)}
     */
    public List<Combination> combinations(Installed installed, Catalogue catalogue) {
        List<Combination> chosen = usualPlaces(installed);
        List<Combination> added = List.of();
        for (Axis axis : Axis.ALL) {
            List<Combination> all = joined(chosen, added);
            if (names(axis).isEmpty()) {
                added = joined(
                        added,
                        all.stream()
                                .filter(Combination::sameFormats)
                                .filter(combination -> axis.usualBeside(installed, combination))
                                .flatMap(combination ->
                                        fitting(axis, axis.usual(installed), combination, installed).stream())
                                .toList());
            } else {
                requireFitting(axis, names(axis), all, installed);
                chosen = along(axis, names(axis), chosen, installed);
                added = along(axis, names(axis), added, installed);
            }
        }
        List<Combination> running = added.stream()
                .filter(combination -> runsAnywhere(catalogue, combination))
                .toList();
        List<Combination> wanted = chosen.stream()
                .filter(combination -> runsAnywhere(catalogue, combination) || !isLedOn(combination, running))
                .toList();
        return joined(wanted, running);
    }

    /** A transport alone shows nothing: clauses run where queues are added to it. */
    private static boolean isLedOn(Combination combination, List<Combination> added) {
        return !combination.further().isEmpty()
                && added.stream()
                        .anyMatch(longer -> Axis.ALL.stream()
                                .anyMatch(axis -> longer.without(axis.place()).equals(combination)));
    }

    private static List<Combination> joined(List<Combination> first, List<Combination> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private static boolean runsAnywhere(Catalogue catalogue, Combination combination) {
        return catalogue
                .promises()
                .anyMatch(promise -> promise.notApplicableIn(combination).isEmpty());
    }

    private static void requireFitting(Axis axis, List<String> names, List<Combination> beside, Installed installed) {
        for (String name : names) {
            if (!name.equals(Axis.NOBODY)
                    && beside.stream()
                            .allMatch(combination -> fitting(axis, List.of(name), combination, installed)
                                    .isEmpty())) {
                throw new ConfigurationException("the " + axis.place().text() + " '" + name
                        + "' goes with none of the chosen combinations: it is for "
                        + axis.rule(axis.named(installed, name).getFirst()));
            }
        }
    }

    private static List<Combination> along(
            Axis axis, List<String> names, List<Combination> beside, Installed installed) {
        return beside.stream()
                .flatMap(combination -> fitting(axis, names, combination, installed).stream())
                .distinct()
                .toList();
    }

    /** What becomes of a combination with each of the names that can stand beside what it has. */
    private static List<Combination> fitting(Axis axis, List<String> names, Combination beside, Installed installed) {
        return names.stream()
                .flatMap(name -> name.equals(Axis.NOBODY)
                        ? Stream.of(beside)
                        : axis.named(installed, name).stream()
                                .filter(choice -> axis.fits(choice, beside))
                                .map(choice -> beside.with(axis.place(), choice)))
                .toList();
    }

    private List<Combination> usualPlaces(Installed installed) {
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
