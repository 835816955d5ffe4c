package grantlab.hypervisor.invariant;

/** Something that must hold does not: a fault of ours. Nothing goes on after it; the message has the machine's state. */
public final class InvariantBroken extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    /**
     * What is wrong, and the state.
     *
     * @param message several lines
     */
    public InvariantBroken(String message) {
        super(message);
    }
}
