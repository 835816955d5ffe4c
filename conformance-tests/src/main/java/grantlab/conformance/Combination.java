package grantlab.conformance;

import grantlab.hypervisor.Installed;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One column of the matrix: what stands in each place.
 *
 * @param format the grant format through which clauses grant: the granter's
 * @param granteeFormat the format of the grantee's own table
 * @param granterPaging the granter's paging mode
 * @param granteePaging the grantee's paging mode
 * @param further who stands in those of the further places that are taken, in the order of {@link Member}
 */
public record Combination(
        Choice format,
        Choice granteeFormat,
        Choice granterPaging,
        Choice granteePaging,
        SortedMap<Member, Choice> further) {
    /** Keeps a copy, and checks that the places are further ones. */
    public Combination {
        further = Collections.unmodifiableSortedMap(new TreeMap<>(further));
        further.keySet().stream()
                .filter(member -> !member.further())
                .findFirst()
                .ifPresent(member -> {
                    throw new IllegalArgumentException(member + " is always taken, and no further place");
                });
    }

    /**
     * A combination of installed implementations.
     *
     * @param installed what there is
     * @param formats names of the granter's and the grantee's format
     * @param pagings names of the granter's and the grantee's paging mode
     * @return the combination
     * @throws grantlab.hypervisor.ConfigurationException when a name is not installed; the message lists those that are
     */
    public static Combination of(Installed installed, Pair formats, Pair pagings) {
        return new Combination(
                Choice.of(installed.format(formats.granter())),
                Choice.of(installed.format(formats.grantee())),
                Choice.of(installed.pagingMode(pagings.granter())),
                Choice.of(installed.pagingMode(pagings.grantee())),
                new TreeMap<>());
    }

    /**
     * The same with a further place taken.
     *
     * @param place a further one
     * @param choice who stands there
     * @return the combination
     */
    public Combination with(Member place, Choice choice) {
        SortedMap<Member, Choice> more = new TreeMap<>(further);
        more.put(place, choice);
        return new Combination(format, granteeFormat, granterPaging, granteePaging, more);
    }

    /**
     * The same with a further place left empty.
     *
     * @param place a further one
     * @return the combination
     */
    public Combination without(Member place) {
        SortedMap<Member, Choice> fewer = new TreeMap<>(further);
        fewer.remove(place);
        return new Combination(format, granteeFormat, granterPaging, granteePaging, fewer);
    }

    /**
     * The name in reports and on the command line.
     *
     * @return {@code format/granter-grantee}, with {@code granter-grantee} for formats that differ: {@code v1-v2/hvm-pv}; then whoever
     *     stands in a further place: {@code v1/hvm-pv/identity}
     */
    public String name() {
        String usual = formats() + "/" + pagings();
        return further.isEmpty() ? usual : usual + "/" + others();
    }

    /**
     * Who stands in further places, as the name has them.
     *
     * @return empty where nobody does
     */
    public String others() {
        return further.values().stream().map(Choice::name).collect(Collectors.joining("/"));
    }

    /**
     * The formats, as {@code --format} selects them.
     *
     * @return one name when both have the same, else {@code granter-grantee}
     */
    public String formats() {
        return sameFormats() ? format.name() : format.name() + "-" + granteeFormat.name();
    }

    /**
     * Whether granter and grantee have tables of one format.
     *
     * @return false for pairs such as v1-v2
     */
    public boolean sameFormats() {
        return format.equals(granteeFormat);
    }

    /**
     * The paging modes, as {@code --paging} selects them.
     *
     * @return {@code granter-grantee}
     */
    public String pagings() {
        return granterPaging.name() + "-" + granteePaging.name();
    }

    /**
     * Who stands in a place.
     *
     * @param member the place
     * @return the choice; null of a further place that is empty
     */
    public @Nullable Choice member(Member member) {
        return switch (member) {
            case FORMAT -> format;
            case GRANTEE_FORMAT -> granteeFormat;
            case GRANTER -> granterPaging;
            case GRANTEE -> granteePaging;
            default -> further.get(member);
        };
    }

    /**
     * Who stands in some places, by name.
     *
     * @param places any
     * @return in the order of the places; of one that is empty nothing
     */
    public List<String> names(Set<Member> places) {
        return places.stream()
                .sorted()
                .map(this::member)
                .map(choice -> choice == null ? "" : choice.name())
                .toList();
    }

    @Override
    public String toString() {
        return name();
    }
}
