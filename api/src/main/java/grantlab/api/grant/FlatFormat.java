package grantlab.api.grant;

/** A format that GNTTABOP_set_version can bring up. */
public interface FlatFormat extends GrantFormat {
    /**
     * The number by which set_version names it; the engine learns it here and from nowhere else.
     *
     * @return 1, 2, ...
     */
    int version();

    /**
     * How many references a shared frame holds.
     *
     * @return entries per 4 KiB
     */
    int entriesPerFrame();

    /**
     * Frame numbers that an entry can hold are below this (2^32: 16 TiB, in version 1).
     *
     * @return exclusive bound
     */
    long frameLimit();

    /**
     * How many status frames go with shared frames.
     *
     * @param sharedFrames how many
     * @return zero where there are none
     */
    int statusFrames(int sharedFrames);

    /**
     * The hypervisor's side of one table.
     *
     * @param frames where the table is; it may grow later
     * @return the table
     */
    FlatTable open(TableFrames frames);
}
