/** Grant format v3: trees of 8-byte entries in the granter's own memory. */
module grantlab.grant.tree {
    requires grantlab.api;
    requires static org.jspecify;

    provides grantlab.api.grant.GrantFormatProvider with
            grantlab.grant.tree.format.OneLevelProvider,
            grantlab.grant.tree.format.TwoLevelsProvider,
            grantlab.grant.tree.format.ThreeLevelsProvider,
            grantlab.grant.tree.format.FourLevelsProvider;
}
