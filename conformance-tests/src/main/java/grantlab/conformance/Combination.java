package grantlab.conformance;

import grantlab.hypervisor.Installed;

/**
 * One column of the matrix: what stands in each place.
 *
 * @param format the grant format through which clauses grant: the granter's
 * @param granteeFormat the format of the grantee's own table
 * @param granterPaging the granter's paging mode
 * @param granteePaging the grantee's paging mode
 */
public record Combination(Choice format, Choice granteeFormat, Choice granterPaging, Choice granteePaging) {
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
                Choice.of(installed.pagingMode(pagings.grantee())));
    }

    /**
     * The name in reports and on the command line.
     *
     * @return {@code format/granter-grantee}, with {@code granter-grantee} for formats that differ: {@code v1-v2/hvm-pv}
     */
    public String name() {
        return formats() + "/" + pagings();
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
     * @return the choice
     */
    public Choice member(Member member) {
        return switch (member) {
            case FORMAT -> format;
            case GRANTEE_FORMAT -> granteeFormat;
            case GRANTER -> granterPaging;
            case GRANTEE -> granteePaging;
        };
    }

    @Override
    public String toString() {
        return name();
    }
}
