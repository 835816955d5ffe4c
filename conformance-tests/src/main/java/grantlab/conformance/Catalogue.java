package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.Provider;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.Installed;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All promises that are made, family by family. What is wrong with the declarations is found here, before anything
 * runs.
 *
 * @param families in the order of their prefixes
 */
public record Catalogue(List<Family> families) {
    /** Keeps a copy. */
    public Catalogue {
        families = List.copyOf(families);
    }

    /**
     * The families that ServiceLoader finds.
     *
     * @return the catalogue
     * @throws ConfigurationException when a declaration is wrong; one line
     */
    public static Catalogue installed() {
        return of(ServiceLoader.load(ClauseFamily.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList());
    }

    /**
     * The catalogue of some families.
     *
     * @param declarations instances of annotated classes
     * @return the catalogue
     * @throws ConfigurationException when a declaration is wrong; one line
     */
    public static Catalogue of(List<? extends ClauseFamily> declarations) {
        Map<String, ClauseFamily> byPrefix = new HashMap<>();
        List<Family> families = new ArrayList<>();
        for (ClauseFamily declaration : declarations) {
            ClauseFamily twin = byPrefix.put(declaration.prefix(), declaration);
            if (twin != null) {
                throw new ConfigurationException("two clause families have the prefix " + declaration.prefix() + ": "
                        + twin.getClass().getName() + " and "
                        + declaration.getClass().getName());
            }
            families.add(new FamilyReader(declaration).read());
        }
        families.sort(Comparator.comparing(Family::prefix));
        return new Catalogue(families);
    }

    /**
     * Every promise.
     *
     * @return in the order of the families
     */
    public Stream<Promise> promises() {
        return families.stream().flatMap(family -> family.promises().stream());
    }

    /**
     * A promise by its id.
     *
     * @param id for instance {@code MAP-07}
     * @return the promise, if there is one
     */
    public Optional<Promise> promise(String id) {
        return promises().filter(promise -> promise.id().equals(id)).findFirst();
    }

    /**
     * Refuses capability ids that nobody knows: a typing error would make a clause silently not applicable everywhere.
     *
     * @param installed whose providers' declarations count as known, beside the constants of {@link Capability}
     * @throws ConfigurationException naming the clause and the id, and listing the ids that are known
     */
    public void checkCapabilities(Installed installed) {
        Set<String> known = knownCapabilities(installed);
        promises()
                .forEach(promise -> promise.requirements().stream()
                        .filter(requirement -> !known.contains(requirement.capability()))
                        .findFirst()
                        .ifPresent(requirement -> {
                            throw new ConfigurationException(promise.id() + " asks for the capability '"
                                    + requirement.capability() + "', which nothing declares; known are "
                                    + String.join(", ", known).substring(", ".length()));
                        }));
    }

    private static Set<String> knownCapabilities(Installed installed) {
        Set<String> known = new TreeSet<>();
        known.add(Requirement.NOTHING);
        for (Field field : Capability.class.getFields()) {
            if (field.getType() == Capability.class) {
                known.add(constant(field).id());
            }
        }
        Stream.<List<? extends Provider<?>>>of(
                        installed.formats(), installed.pagingModes(), installed.iommus(), installed.transports())
                .flatMap(List::stream)
                .flatMap(provider -> provider.capabilities().stream())
                .forEach(capability -> known.add(capability.id()));
        return known;
    }

    private static Capability constant(Field field) {
        try {
            return (Capability) field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError("a public constant of a public class", e);
        }
    }

    /**
     * All of it also where guests own devices that play no part in a promise.
     *
     * @return the same promises, which hold in more combinations
     */
    public Catalogue withDevicesBeside() {
        return new Catalogue(families.stream().map(Family::withDevicesBeside).toList());
    }

    /**
     * The part of the catalogue that globs name.
     *
     * @param globs such as {@code MAP-*}; {@code *} and {@code ?}, either case. None: everything
     * @return the smaller catalogue, without empty families
     * @throws ConfigurationException when one of them matches nothing
     */
    public Catalogue select(List<String> globs) {
        if (globs.isEmpty()) {
            return this;
        }
        List<Glob> patterns = globs.stream().map(Glob::new).toList();
        for (Glob pattern : patterns) {
            if (promises().noneMatch(promise -> pattern.matches(promise.id()))) {
                throw new ConfigurationException("no clause matches '" + pattern.text() + "'; families are "
                        + String.join(
                                ", ",
                                families.stream()
                                        .map(family -> family.prefix() + "-*")
                                        .toList()));
            }
        }
        return new Catalogue(families.stream()
                .map(family -> new Family(
                        family.prefix(),
                        family.title(),
                        family.promises().stream()
                                .filter(promise -> patterns.stream().anyMatch(glob -> glob.matches(promise.id())))
                                .toList()))
                .filter(family -> !family.promises().isEmpty())
                .toList());
    }

    @Override
    public String toString() {
        return "Catalogue" + Arrays.toString(promises().toArray());
    }
}
