/** The pages that are nodes of a tree: how they are held while they are read and written, and the cache that keeps them held. */
@NullMarked
package grantlab.grant.tree.cache;

import org.jspecify.annotations.NullMarked;
