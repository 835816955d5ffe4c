package grantlab.api.grant;

/**
 * What a tree's cache of nodes has done (grant-v3.md, section 7).
 *
 * @param hits lookups that needed no walk
 * @param misses lookups that did
 * @param walks walks from the root, those of large leaves included
 * @param held nodes that are in the cache now
 */
public record NodeCacheCounts(long hits, long misses, long walks, int held) {
    /** Of a table that has no cache. */
    public static final NodeCacheCounts NONE = new NodeCacheCounts(0, 0, 0, 0);
}
