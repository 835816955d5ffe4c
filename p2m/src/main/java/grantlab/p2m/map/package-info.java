/** How each domain numbers its frames, and the way back from machine frame to guest frame. */
@NullMarked
package grantlab.p2m.map;

import org.jspecify.annotations.NullMarked;
