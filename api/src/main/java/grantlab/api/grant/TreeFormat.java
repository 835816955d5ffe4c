package grantlab.api.grant;

import grantlab.api.memory.PhysicalMap;
import org.jspecify.annotations.Nullable;

/** A format whose table lives in the granter's memory. */
public interface TreeFormat extends GrantFormat {
    /**
     * How deep it can be.
     *
     * @return 1..4
     */
    int maxLevels();

    /**
     * Opens the hypervisor's side of one tree.
     *
     * @param granter the map through which the granter's numbers mean frames
     * @param granterDomid who must own every node
     * @param rootGfn the root node; one reference is taken on it, dropped by {@link TreeTable#dispose}
     * @param levels 1..{@link #maxLevels}
     * @param indexLimit all that the levels span, exclusive, in pages: lower limits of a tree are the engine's to keep. A format
     *     with less room answers BAD_GNTREF beyond it
     * @param result receives the table
     * @return zero, or a status: the root is not the granter's own ordinary RAM, or levels and limit do not fit
     */
    int open(PhysicalMap granter, int granterDomid, long rootGfn, int levels, long indexLimit, Opened result);

    /** Where open puts its table: an out parameter, since open answers a status. */
    final class Opened {
        /** The table, after success. */
        public @Nullable TreeTable table;

        /** Empty. */
        public Opened() {}
    }
}
