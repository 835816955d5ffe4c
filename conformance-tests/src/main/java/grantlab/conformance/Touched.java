package grantlab.conformance;

import grantlab.api.Provider;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Code that was edited, and the combinations that its edits can change: those in which one of its formats, paging modes, transports or kinds
 * of IOMMU stands. Code in which none of these lives (the engine, memory, the kit) is at work in all.
 *
 * @param packages names of packages, each with those below it
 */
public record Touched(Set<String> packages) {
    /** Nothing said: every combination. */
    public static final Touched ANYTHING = new Touched(Set.of());

    /** Keeps a copy. */
    public Touched {
        packages = Set.copyOf(packages);
    }

    /**
     * Packages of which it is known that something is installed.
     *
     * @param names as they are typed
     * @throws ConfigurationException when a name is none of Grantlab's
     */
    public static Touched named(Collection<String> names) {
        for (String name : names) {
            if (!name.startsWith("grantlab.")) {
                throw new ConfigurationException(
                        "'" + name + "' is no package of Grantlab's, such as grantlab.grant.v1");
            }
        }
        return new Touched(Set.copyOf(names));
    }

    /**
     * Those in which it is at work.
     *
     * @param combinations any
     * @param installed what they are made of
     * @return in the same order
     * @throws ConfigurationException when it is at work in none
     */
    public List<Combination> within(List<Combination> combinations, Installed installed) {
        if (packages.isEmpty() || !packages.stream().allMatch(name -> isHome(name, installed))) {
            return combinations;
        }
        List<Combination> touched = combinations.stream()
                .filter(combination -> stands(combination, installed))
                .toList();
        if (touched.isEmpty()) {
            throw new ConfigurationException(packages.stream().sorted().collect(Collectors.joining(", "))
                    + " stands in none of the chosen combinations");
        }
        return touched;
    }

    /** Whether somebody who can stand in a combination lives there. */
    private static boolean isHome(String packageName, Installed installed) {
        return Stream.of(installed.formats(), installed.pagingModes(), installed.iommus(), installed.transports())
                .flatMap(List::stream)
                .anyMatch(provider -> livesIn(provider, packageName));
    }

    private boolean stands(Combination combination, Installed installed) {
        return Stream.of(Member.values())
                .map(member -> provider(member, combination.member(member), installed))
                .flatMap(Optional::stream)
                .anyMatch(provider -> packages.stream().anyMatch(name -> livesIn(provider, name)));
    }

    private static boolean livesIn(Provider<?> provider, String packageName) {
        return (provider.getClass().getPackageName() + ".").startsWith(packageName + ".");
    }

    private static Optional<Provider<?>> provider(Member member, @Nullable Choice choice, Installed installed) {
        if (choice == null) {
            return Optional.empty();
        }
        String name = choice.name();
        return switch (member) {
            case FORMAT, GRANTEE_FORMAT -> Optional.of(installed.format(name));
            case GRANTER, GRANTEE -> Optional.of(installed.pagingMode(name));
            case TRANSPORT -> Optional.of(installed.transport(name));
            case IOMMU -> Optional.of(installed.iommu(name));
            case QUEUE, SEARCH -> Optional.empty();
        };
    }
}
