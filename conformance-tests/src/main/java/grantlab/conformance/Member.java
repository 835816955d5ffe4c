package grantlab.conformance;

import java.util.Locale;

/**
 * The places that implementations take in a combination. The first four are always taken; those that are {@link #further} may be
 * empty.
 */
public enum Member {
    /** The format of the table through which clauses grant. */
    FORMAT("format"),

    /** The format of the grantee's own table. */
    GRANTEE_FORMAT("grantee format"),

    /** The paging mode of the domain that grants. */
    GRANTER("granter paging"),

    /** The paging mode of the domain that maps and copies. */
    GRANTEE("grantee paging"),

    /** How virtio devices of the grantee reach the buffers of their drivers in the granter; where nothing does, there are none. */
    TRANSPORT("transport", true),

    /** What stands between memory and the devices that the grantee owns; where nothing does, no domain owns devices. */
    IOMMU("IOMMU", true),

    /** How the queues of virtio devices look; only beside a transport. */
    QUEUE("queue", true),

    /** How a revocation finds mappings; where nothing stands, by their records. */
    SEARCH("search", true);

    private final String text;
    private final boolean further;

    Member(String text) {
        this(text, false);
    }

    Member(String text, boolean further) {
        this.text = text;
        this.further = further;
    }

    /**
     * As reports print it.
     *
     * @return lower case words
     */
    public String text() {
        return text;
    }

    /**
     * The option of the command line that chooses who stands there.
     *
     * @return of a further place
     */
    public String option() {
        return "--" + text.toLowerCase(Locale.ROOT);
    }

    /**
     * Whether a combination may leave it empty.
     *
     * @return then only clauses that it {@link Concerns} run where it is taken
     */
    public boolean further() {
        return further;
    }
}
