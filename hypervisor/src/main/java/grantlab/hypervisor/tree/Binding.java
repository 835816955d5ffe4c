package grantlab.hypervisor.tree;

/**
 * Who may use a tree at one moment; replaced whole.
 *
 * @param grantee the domid of the grantee, or of the last one
 * @param epoch of the virtual domid that the tree names; zero when it names a real one
 * @param state what the grantee may do
 * @param share the grantee's room for this granter
 */
public record Binding(int grantee, int epoch, State state, Share share) {
    /** What the grantee may do. */
    public enum State {
        /** It may map. */
        ACTIVE,

        /** It is not to map until the granter resumes. */
        PAUSED,

        /** There is nobody: the grantee died or was unbound. */
        UNBOUND
    }

    /** The same grantee in another state. */
    public Binding in(State other) {
        return new Binding(grantee, epoch, other, share);
    }
}
