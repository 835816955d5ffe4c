package grantlab.virtio.queue;

/** Notification by index (sections 2.7.7 and 2.7.10): once the entry at the index was written. All indices are modulo 2^16. */
final class EventIndex {
    private EventIndex() {}

    /**
     * Whether an index was passed.
     *
     * @param event the entry that is waited for
     * @param before the index before something was written
     * @param after the index now
     */
    static boolean passed(int event, int before, int after) {
        return (after - event - 1 & 0xffff) < (after - before & 0xffff);
    }
}
