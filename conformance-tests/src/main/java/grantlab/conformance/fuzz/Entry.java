package grantlab.conformance.fuzz;

/**
 * What the generator believes of one entry of a table.
 *
 * @param granter whose table
 * @param ref the reference
 * @param kind what it grants
 * @param grantee to whom
 * @param frame what it names, as scripts write it
 * @param readonly whether it grants reading alone
 */
public record Entry(int granter, long ref, Kind kind, int grantee, String frame, boolean readonly) {
    /** What an entry grants. */
    public enum Kind {
        /** A page. */
        PAGE,
        /** A part of a page. */
        PART,
        /** Another domain's entry. */
        HOP,
        /** It accepts a page. */
        TRANSFER,
        /** Whatever its flags mean. */
        WILD
    }

    /** Whether it may be mapped. */
    public boolean mappable() {
        return kind == Kind.PAGE;
    }
}
