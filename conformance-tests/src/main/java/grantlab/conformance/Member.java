package grantlab.conformance;

/** The places that implementations take in a combination. */
public enum Member {
    /** The format of the table through which clauses grant. */
    FORMAT("format"),

    /** The format of the grantee's own table. */
    GRANTEE_FORMAT("grantee format"),

    /** The paging mode of the domain that grants. */
    GRANTER("granter paging"),

    /** The paging mode of the domain that maps and copies. */
    GRANTEE("grantee paging");

    private final String text;

    Member(String text) {
        this.text = text;
    }

    /**
     * As reports print it.
     *
     * @return lower case words
     */
    public String text() {
        return text;
    }
}
