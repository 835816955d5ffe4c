package grantlab.grant.tree.format;

/** {@code v3-tree-1}: guests bring up trees of one level. */
public final class OneLevelProvider implements TreeProvider {
    /** For ServiceLoader. */
    public OneLevelProvider() {}

    @Override
    public String name() {
        return "v3-tree-1";
    }

    @Override
    public int levels() {
        return 1;
    }
}
