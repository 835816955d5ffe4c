package grantlab.grant.tree.format;

/** {@code v3-tree-4}: guests bring up trees of four levels. */
public final class FourLevelsProvider implements TreeProvider {
    /** For ServiceLoader. */
    public FourLevelsProvider() {}

    @Override
    public String name() {
        return "v3-tree-4";
    }

    @Override
    public int levels() {
        return 4;
    }
}
