package grantlab.hypervisor.tree;

/**
 * Who may use a tree at one moment; replaced whole, under the tree's monitor.
 *
 * @param grantee the domid of the grantee, or of the last one; {@link #NOBODY} when there was none or it died
 * @param epoch of the virtual domid that the tree names; zero when it names a real one
 * @param bound whether the grantee is one; false: it was unbound, or is dead
 * @param paused whether the granter's word is waited for before anything is mapped
 * @param share the grantee's room for this granter
 */
public record Binding(int grantee, int epoch, boolean bound, boolean paused, Share share) {
    /** No domain: one that gets the number of a dead one is another. */
    public static final int NOBODY = -1;

    /** Whether the grantee may use the tree. */
    public boolean inForce() {
        return bound && !paused;
    }

    /** The same grantee, paused or not. */
    public Binding withPaused(boolean now) {
        return new Binding(grantee, epoch, bound, now, share);
    }

    /** The same grantee, bound or not. */
    public Binding withBound(boolean now) {
        return new Binding(grantee, epoch, now, paused, share);
    }

    /** The grantee died: there is nobody. */
    public Binding orphaned() {
        return new Binding(NOBODY, epoch, false, paused, Share.NONE);
    }
}
