/** Machine memory, who owns its frames, and how each domain numbers them. */
@NullMarked
package grantlab.api.memory;

import org.jspecify.annotations.NullMarked;
