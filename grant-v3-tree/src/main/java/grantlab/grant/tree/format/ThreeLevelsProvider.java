package grantlab.grant.tree.format;

/** {@code v3-tree-3}: guests bring up trees of three levels. */
public final class ThreeLevelsProvider implements TreeProvider {
    /** For ServiceLoader. */
    public ThreeLevelsProvider() {}

    @Override
    public String name() {
        return "v3-tree-3";
    }

    @Override
    public int levels() {
        return 3;
    }
}
