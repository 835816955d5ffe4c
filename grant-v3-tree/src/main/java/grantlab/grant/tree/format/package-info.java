/** The format as ServiceLoader finds it, one name for each number of levels, and its entries by field names. */
@NullMarked
package grantlab.grant.tree.format;

import org.jspecify.annotations.NullMarked;
