/** The books of the machine's frames: owner, references, type, and which frames are free. */
@NullMarked
package grantlab.p2m.frame;

import org.jspecify.annotations.NullMarked;
