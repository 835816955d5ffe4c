package grantlab.conformance;

/** The places that implementations take in a combination. */
public enum Member {
    /** The grant format. */
    FORMAT("format"),

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
