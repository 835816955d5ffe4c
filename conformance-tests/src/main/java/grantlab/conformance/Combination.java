package grantlab.conformance;

import grantlab.hypervisor.Installed;

/**
 * One column of the matrix: what stands in each place.
 *
 * @param format the grant format through which clauses grant
 * @param granterPaging the granter's paging mode
 * @param granteePaging the grantee's paging mode
 */
public record Combination(Choice format, Choice granterPaging, Choice granteePaging) {
    /**
     * A combination of installed implementations.
     *
     * @param installed what there is
     * @param format name of a format
     * @param granterPaging name of a paging mode
     * @param granteePaging name of a paging mode
     * @return the combination
     * @throws grantlab.hypervisor.ConfigurationException when a name is not installed; the message lists those that are
     */
    public static Combination of(Installed installed, String format, String granterPaging, String granteePaging) {
        return new Combination(
                Choice.of(installed.format(format)),
                Choice.of(installed.pagingMode(granterPaging)),
                Choice.of(installed.pagingMode(granteePaging)));
    }

    /**
     * The name in reports and on the command line.
     *
     * @return {@code format/granter-grantee}
     */
    public String name() {
        return format.name() + "/" + granterPaging.name() + "-" + granteePaging.name();
    }

    /**
     * Who stands in a place.
     *
     * @param member the place
     * @return the choice
     */
    public Choice member(Member member) {
        return switch (member) {
            case FORMAT -> format;
            case GRANTER -> granterPaging;
            case GRANTEE -> granteePaging;
        };
    }

    @Override
    public String toString() {
        return name();
    }
}
