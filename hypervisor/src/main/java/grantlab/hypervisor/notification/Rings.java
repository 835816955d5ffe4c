package grantlab.hypervisor.notification;

/** The rings of one domain. */
public final class Rings {
    /** None. */
    public Rings() {}

    /**
     * Whether a number is a ring on which this domain hears of its own trees.
     *
     * @param ring any number
     * @return false: there is no such ring
     */
    public boolean isGranterRing(int ring) {
        return false;
    }
}
