package grantlab.hypervisor.revocation;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Acts;

/**
 * How a revocation finds the mappings of what it takes back (grant-v3.md, 8.2, the last paragraph): {@code revoke-search} of the
 * configuration. Each search shows every mapping that was not taken yet, some of them perhaps twice, and both lead to the same results.
 */
public interface MappingSearch {
    /** A frame that nobody knows. */
    long NO_FRAME = -1;

    /** Is shown mappings. */
    @FunctionalInterface
    interface Visitor {
        /**
         * A mapping.
         *
         * @param mapping a record or a handle
         * @return false: no more
         */
        boolean visit(int mapping);
    }

    /**
     * Mappings of a leaf.
     *
     * @param act of the leaf, whose bucket is locked
     * @param frame its first machine frame as its granter's map has it now, or {@link #NO_FRAME}
     * @param order log2 of its frames
     * @param visitor is given records
     * @return false: the visitor wanted no more
     */
    boolean ofLeaf(Domain grantee, int act, long frame, int order, Visitor visitor);

    /**
     * Mappings of a reference that operation 0 made.
     *
     * @param acts of the granter
     * @param act of the reference, locked
     * @param visitor is given handles
     * @return false: the visitor wanted no more
     */
    boolean handlesOf(Domain granter, Acts acts, Domain grantee, int act, Visitor visitor);

    /**
     * Mappings of a reference that v3_map made through slot 0.
     *
     * @param acts of the granter
     * @param act of the reference, locked
     * @param word its word 0
     * @param visitor is given records
     * @return false: the visitor wanted no more
     */
    boolean aliasesOf(Domain granter, Acts acts, Domain grantee, int act, long word, Visitor visitor);
}
