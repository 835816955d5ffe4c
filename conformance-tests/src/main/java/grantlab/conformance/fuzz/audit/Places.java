package grantlab.conformance.fuzz.audit;

import java.util.function.LongConsumer;

/** Where one domain can have frames mapped, and what it holds there. */
interface Places {
    /**
     * Looks again and brings the holdings up to date.
     *
     * @param holdings of all domains
     * @param changed is told each frame that is held more or less than before
     */
    void refresh(Holdings holdings, LongConsumer changed);

    /**
     * The domain is gone: nothing may be left in its places.
     *
     * @return how many places still hold something
     */
    int left();
}
