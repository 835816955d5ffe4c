/** How a domain reaches memory, and where grant mappings stand. */
@NullMarked
package grantlab.api.paging;

import org.jspecify.annotations.NullMarked;
