/** The kinds of machine memory that a configuration can choose, each put together from bytes, books and maps. */
@NullMarked
package grantlab.p2m;

import org.jspecify.annotations.NullMarked;
