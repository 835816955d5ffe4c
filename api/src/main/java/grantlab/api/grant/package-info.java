/** What a grant format is: a table's hypervisor side, its guest side, and its words by name. */
@NullMarked
package grantlab.api.grant;

import org.jspecify.annotations.NullMarked;
