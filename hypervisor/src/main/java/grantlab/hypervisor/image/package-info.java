/** A domain with its trees as a file, and back (grant-v3.md, section 10). */
@NullMarked
package grantlab.hypervisor.image;

import org.jspecify.annotations.NullMarked;
