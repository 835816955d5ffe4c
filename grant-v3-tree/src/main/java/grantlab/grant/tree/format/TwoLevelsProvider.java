package grantlab.grant.tree.format;

/** {@code v3-tree}: guests bring up trees of two levels, the usual height: 1 GiB for 4 KiB and a node for each 2 MiB. */
public final class TwoLevelsProvider implements TreeProvider {
    /** For ServiceLoader. */
    public TwoLevelsProvider() {}

    @Override
    public String name() {
        return "v3-tree";
    }

    @Override
    public int levels() {
        return 2;
    }
}
