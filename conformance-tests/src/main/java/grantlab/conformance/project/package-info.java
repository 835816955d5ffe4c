/** A project of somebody else's: what a grant format of one's own begins with. */
@NullMarked
package grantlab.conformance.project;

import org.jspecify.annotations.NullMarked;
