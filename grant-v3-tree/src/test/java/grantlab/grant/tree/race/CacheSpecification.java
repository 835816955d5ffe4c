package grantlab.grant.tree.race;

/** What {@link CacheProtocol} promises, for one thread: there might as well be no cache. */
public class CacheSpecification {
    private int present;

    public CacheSpecification() {}

    public int lookUp() {
        return present;
    }

    public void exchange() {
        present = 1 - present;
    }

    public long left() {
        return 0;
    }
}
