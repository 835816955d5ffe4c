package grantlab.api.grant;

/**
 * The frames of one flat table. It grows under the table's writer lock and never shrinks, status frames excepted. Readers
 * may be on any thread.
 */
public interface TableFrames {
    /**
     * How many shared frames there are.
     *
     * @return at least 1
     */
    int sharedCount();

    /**
     * A shared frame.
     *
     * @param n below {@link #sharedCount}
     * @return its machine frame
     */
    long sharedFrame(int n);

    /**
     * How many status frames there are.
     *
     * @return zero where the format has none
     */
    int statusCount();

    /**
     * A status frame.
     *
     * @param n below {@link #statusCount}
     * @return its machine frame
     */
    long statusFrame(int n);
}
